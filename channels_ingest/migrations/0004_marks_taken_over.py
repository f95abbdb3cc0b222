"""Marks take over what two tables of one kind each held."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels_ingest", "0003_marks_and_health")]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO channels_ingest_mark (channel_id, person_id, platform_id, kind, at, value)
            SELECT channel_id, person_id, '', 'follow', at, jsonb_build_object('following', following)
            FROM channels_ingest_followmark;
            INSERT INTO channels_ingest_mark (channel_id, person_id, platform_id, kind, at)
            SELECT channel_id, person_id, platform_id, 'unsend', at FROM channels_ingest_tombstone;
            """,
            """
            INSERT INTO channels_ingest_followmark (channel_id, person_id, following, at)
            SELECT channel_id, person_id, (value ->> 'following')::boolean, at
            FROM channels_ingest_mark WHERE kind = 'follow';
            INSERT INTO channels_ingest_tombstone (channel_id, person_id, platform_id, at)
            SELECT channel_id, person_id, platform_id, at FROM channels_ingest_mark WHERE kind = 'unsend';
            """,
        ),
        migrations.DeleteModel(
            name='FollowMark',
        ),
        migrations.DeleteModel(
            name='Tombstone',
        ),
    ]
