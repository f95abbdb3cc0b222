"""The unique index is made while the table goes on being written to."""

from django.db import migrations, models

INDEX = "activity_platform_key"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("contacts", "0004_platform_facts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON contacts_activity (contact_id, platform_key)"
                    " WHERE platform_key IS NOT NULL",
                    f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="activity",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("platform_key__isnull", False)),
                        fields=("contact", "platform_key"),
                        name=INDEX,
                    ),
                )
            ],
        )
    ]
