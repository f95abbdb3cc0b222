"""What the list's filters need, on the contact's row and in the indexes of its orders."""

from __future__ import annotations

import contacts.covered
from django.db import migrations, models

COVERED = ("traits", "label_mask", "channel_mask", "first_contact_at")

MASK = """
CREATE FUNCTION contacts_mask(ids integer[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    mask bigint := 0;
    one integer;
BEGIN
    FOREACH one IN ARRAY ids LOOP
        IF one BETWEEN 1 AND 62 THEN mask := mask | (1::bigint << one); END IF;
    END LOOP;
    RETURN mask;
END $$;
"""

# As in 0002, and the follow states of the same identities with them.
FOLLOWS = """
CREATE OR REPLACE FUNCTION contacts_refresh_channels(ids integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts_contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE contacts_contact c
    SET channel_ids = fresh.channel_ids, platforms = fresh.platforms,
        following = fresh.following, blocked = fresh.blocked
    FROM (
        SELECT k.id,
               coalesce(array_agg(DISTINCT i.channel_id) FILTER (WHERE i.id IS NOT NULL), '{}')::integer[] AS channel_ids,
               coalesce(array_agg(DISTINCT ch.platform) FILTER (WHERE i.id IS NOT NULL), '{}')::varchar(16)[] AS platforms,
               coalesce(bool_or(i.follow_state = 'following'), false) AS following,
               coalesce(bool_or(i.follow_state = 'blocked'), false) AS blocked
        FROM unnest(ids) AS k(id)
        LEFT JOIN contacts_identity i ON i.contact_id = k.id
        LEFT JOIN contacts_channel ch ON ch.id = i.channel_id
        GROUP BY k.id
    ) fresh
    WHERE c.id = fresh.id AND (c.channel_ids, c.platforms, c.following, c.blocked)
        IS DISTINCT FROM (fresh.channel_ids, fresh.platforms, fresh.following, fresh.blocked);
END $$;

CREATE OR REPLACE FUNCTION contacts_identity_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_channels(ARRAY(
        SELECT unnest(ARRAY[o.contact_id, n.contact_id]) FROM fresh n JOIN stale o USING (id)
        WHERE (o.contact_id, o.channel_id, o.follow_state) IS DISTINCT FROM (n.contact_id, n.channel_id, n.follow_state)
        GROUP BY 1));
    RETURN NULL;
END $$;

UPDATE contacts_contact c SET following = f.following, blocked = f.blocked
FROM (SELECT contact_id, bool_or(follow_state = 'following') AS following, bool_or(follow_state = 'blocked') AS blocked
      FROM contacts_identity WHERE follow_state <> '' GROUP BY contact_id) f
WHERE c.id = f.contact_id;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_profile_work_indexes")]

    operations = [
        migrations.RunSQL(MASK, "DROP FUNCTION contacts_mask"),
        migrations.AddField("contact", "following", models.BooleanField(default=False, db_default=False, editable=False)),
        migrations.AddField("contact", "blocked", models.BooleanField(default=False, db_default=False, editable=False)),
        migrations.RunSQL(FOLLOWS, migrations.RunSQL.noop),
        migrations.RemoveIndex("contact", "contact_latest"),
        migrations.RemoveIndex("contact", "contact_value"),
        migrations.RemoveIndex("contact", "contact_user_type"),
        migrations.AddField(
            "contact",
            "label_mask",
            models.GeneratedField(
                expression=contacts.covered.Mask("label_ids"), output_field=models.BigIntegerField(), db_persist=True
            ),
        ),
        migrations.AddField(
            "contact",
            "channel_mask",
            models.GeneratedField(
                expression=contacts.covered.Mask("channel_ids"), output_field=models.BigIntegerField(), db_persist=True
            ),
        ),
        migrations.AddField(
            "contact",
            "traits",
            models.GeneratedField(
                expression=contacts.covered.Traits(), output_field=models.SmallIntegerField(), db_persist=True
            ),
        ),
        migrations.AddIndex(
            "contact",
            models.Index(
                models.F("latest_contact_at").desc(nulls_last=True),
                models.F("id").desc(),
                include=(*COVERED, "value"),
                name="contact_latest_covered",
            ),
        ),
        migrations.AddIndex(
            "contact",
            models.Index(
                models.F("latest_contact_at").asc(nulls_last=True),
                models.F("id").asc(),
                include=(*COVERED, "value"),
                name="contact_latest_up_covered",
            ),
        ),
        migrations.AddIndex(
            "contact",
            models.Index(
                fields=("value", "id"), include=(*COVERED, "latest_contact_at"), name="contact_value_covered"
            ),
        ),
        migrations.AddIndex(
            "contact",
            models.Index(fields=("id",), include=(*COVERED, "latest_contact_at", "value"), name="contact_id_covered"),
        ),
        migrations.AddIndex(
            "contact",
            models.Index(
                models.F("latest_contact_at").desc(nulls_last=True),
                models.F("id").desc(),
                condition=models.Q(user_type="vip"),
                name="contact_vip",
            ),
        ),
    ]
