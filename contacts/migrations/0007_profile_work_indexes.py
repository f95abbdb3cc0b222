"""Waiting profiles by channel instead of over all; who followed lately. Built while the table is written to."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("contacts", "0006_ingest_functions")]

    operations = [
        AddIndexConcurrently(
            model_name="identity",
            index=models.Index(
                fields=("channel", "profile_next_at"),
                condition=models.Q(("profile_state", "pending")),
                name="identity_profile_waiting",
            ),
        ),
        AddIndexConcurrently(
            model_name="identity",
            index=models.Index(
                fields=("follow_changed_at",),
                condition=models.Q(("follow_state", "following")),
                name="identity_followed",
            ),
        ),
        RemoveIndexConcurrently(model_name="identity", name="identity_profile_due"),
    ]
