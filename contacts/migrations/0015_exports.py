"""ReportDownload becomes ExportJob: one history of all exports, streams included."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

STATES = [
    ("waiting", "Waiting for approval"),
    ("queued", "Queued"),
    ("running", "Preparing"),
    ("done", "Ready"),
    ("declined", "Declined"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
    ("expired", "Expired"),
]
# A download that broke off had no number of rows.
BROKEN_OFF = "UPDATE contacts_exportjob SET state = 'failed', problem = 'broken_off' WHERE rows IS NULL"
TEXT = {"blank": True, "default": "", "db_default": ""}


def person():
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
    )


def add(name, field):
    return migrations.AddField("ExportJob", name, field)


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0014_quick_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportPolicy",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("approval_above", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "export policies",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="export_policy_single")],
            },
        ),
        migrations.RenameModel("ReportDownload", "ExportJob"),
        migrations.RenameField("ExportJob", "at", "created_at"),
        migrations.AlterModelOptions(name="exportjob", options={"ordering": ("-created_at", "-id")}),
        add("ids", django.contrib.postgres.fields.ArrayField(
            base_field=models.IntegerField(), blank=True, db_default=[], default=list, size=None)),
        add("with_email", models.BooleanField(db_default=False, default=False)),
        add("columns", django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(max_length=32), blank=True, db_default=[], default=list, size=None)),
        add("filters", models.JSONField(blank=True, db_default=[], default=list)),
        add("format", models.CharField(
            choices=[("csv", "CSV"), ("xlsx", "Excel")], db_default="csv", default="csv", max_length=8)),
        add("way", models.CharField(
            choices=[("stream", "Stream"), ("job", "Job")], db_default="stream", default="stream", max_length=8)),
        add("state", models.CharField(choices=STATES, db_default="done", default="done", max_length=12)),
        add("problem", models.CharField(max_length=20, **TEXT)),
        add("counted", models.IntegerField(null=True)),
        add("file_name", models.CharField(max_length=100, **TEXT)),
        add("stored_as", models.CharField(max_length=100, **TEXT)),
        add("sha256", models.CharField(max_length=64, **TEXT)),
        add("size", models.BigIntegerField(null=True)),
        add("attempt", models.IntegerField(db_default=0, default=0)),
        add("decided_by", person()),
        add("decided_at", models.DateTimeField(null=True)),
        add("started_at", models.DateTimeField(null=True)),
        add("touched_at", models.DateTimeField(null=True)),
        add("finished_at", models.DateTimeField(null=True)),
        add("expires_at", models.DateTimeField(null=True)),
        migrations.RunSQL(BROKEN_OFF, migrations.RunSQL.noop),
        migrations.AddConstraint("ExportJob", models.CheckConstraint(
            condition=models.Q(("state__in", [state for state, _ in STATES])), name="export_state_known")),
        migrations.AddIndex("ExportJob", models.Index(
            fields=["actor", "-created_at", "-id"], name="export_of_actor")),
        migrations.AddIndex("ExportJob", models.Index(fields=["-created_at", "-id"], name="export_latest")),
        migrations.AddIndex("ExportJob", models.Index(
            condition=models.Q(("state__in", ("waiting", "queued", "running"))), fields=["state"], name="export_live")),
    ]
