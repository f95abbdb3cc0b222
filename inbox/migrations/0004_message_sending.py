"""Indexes of outbound messages, made while the table goes on being written to."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

RETRY_KEY = "message_retry_key"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inbox", "0003_platform_facts")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("delivery_state", "queued")), fields=["send_after"], name="message_send_due"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {RETRY_KEY} ON inbox_message (retry_key)"
                    " WHERE retry_key IS NOT NULL",
                    f"DROP INDEX CONCURRENTLY IF EXISTS {RETRY_KEY}",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="message",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("retry_key__isnull", False)), fields=("retry_key",), name=RETRY_KEY
                    ),
                )
            ],
        ),
    ]
