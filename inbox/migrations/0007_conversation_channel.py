"""A conversation knows its identity's channel: lists and counts of a channel read one index.

Filled in pieces and indexed while conversations go on being written to.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

TRIGGER = """
CREATE FUNCTION inbox_conversation_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.channel_id := (SELECT channel_id FROM contacts_identity WHERE id = NEW.identity_id);
    RETURN NEW;
END $$;
CREATE TRIGGER conversation_channel BEFORE INSERT OR UPDATE OF identity_id, channel_id ON inbox_conversation
FOR EACH ROW EXECUTE FUNCTION inbox_conversation_channel();
"""
BACK = "DROP TRIGGER conversation_channel ON inbox_conversation; DROP FUNCTION inbox_conversation_channel;"
PIECE = 20_000  # conversations a transaction: nobody waits for their locks for long


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM inbox_conversation")
        for first in range(0, cursor.fetchone()[0] + 1, PIECE):
            cursor.execute(
                "UPDATE inbox_conversation SET channel_id = NULL WHERE id BETWEEN %s AND %s AND channel_id IS NULL",
                [first, first + PIECE - 1],
            )
        cursor.execute("VACUUM ANALYZE inbox_conversation")


def channel(**more):
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        editable=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="contacts.channel",
        **more,
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inbox", "0006_message_search"), ("contacts", "0001_initial")]

    operations = [
        migrations.AddField("conversation", "channel", channel(null=True)),
        migrations.RunSQL(TRIGGER, BACK),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("conversation", "channel", channel()),
        AddIndexConcurrently(
            "conversation",
            models.Index(
                condition=models.Q(("is_spam", False)),
                fields=["channel", "status", "-last_message_at", "-id"],
                name="conversation_channel_latest",
            ),
        ),
    ]
