"""The database knows the ways and formats of an export, as it knows its states."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0017_searched")]

    operations = [
        migrations.AddConstraint(
            "exportjob",
            models.CheckConstraint(condition=models.Q(("way__in", ["stream", "job"])), name="export_way_known"),
        ),
        migrations.AddConstraint(
            "exportjob",
            models.CheckConstraint(condition=models.Q(("format__in", ["csv", "xlsx"])), name="export_format_known"),
        ),
    ]
