"""Functions of the ingest path: their plans stay with a connection, behind a pooler too, and they save round trips.

Each statement of a volatile function has a snapshot of its own under READ COMMITTED: what is read after a lock is
what the transaction waited for has committed.

A kept plan must suit every size of the tables, also one made on the first day: generic (no planning for each array),
and one index look-up a row, which LATERAL with OFFSET 0 says and no statistics can turn into a scan.
"""

from django.db import migrations

SQL = """
-- The people among these (each named once) that exist, their contacts locked in id order until the commit. Whose
-- contact was joined to another, or split, before the lock is looked up again. With `all_or_none` nobody is locked and
-- nobody answered where one is a stranger: newcomers are locked before contacts (people_upsert).
CREATE FUNCTION contacts_people_lock(channel_ids integer[], external_ids text[], all_or_none boolean)
RETURNS TABLE (channel_id integer, external_id text, identity_id integer, contact_id integer)
LANGUAGE plpgsql ROWS 1 SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE wanted integer[]; present integer[]; channels integer[]; people text[]; identities integer[];
BEGIN
    LOOP
        SELECT array_agg(k.channel_id), array_agg(k.external_id), array_agg(i.id), array_agg(i.contact_id)
        INTO channels, people, identities, present
        FROM unnest(channel_ids, external_ids) AS k(channel_id, external_id)
        CROSS JOIN LATERAL (SELECT i.id, i.contact_id FROM contacts_identity i
                            WHERE i.channel_id = k.channel_id AND i.external_id = k.external_id OFFSET 0) i;
        EXIT WHEN present IS NULL OR present <@ wanted;
        IF all_or_none AND cardinality(present) < cardinality(external_ids) THEN RETURN; END IF;
        wanted := present;
        PERFORM FROM (SELECT DISTINCT unnest(wanted) AS id ORDER BY 1) k
        CROSS JOIN LATERAL (SELECT FROM contacts_contact c WHERE c.id = k.id FOR NO KEY UPDATE) locked;
    END LOOP;
    RETURN QUERY SELECT * FROM unnest(channels, people, identities, present);
END $$;

-- Widen first and latest contact of these identities (each named once) and of their contacts; never narrows, never
-- moves back. A row that would stay the same is not written.
CREATE FUNCTION contacts_roll_up(identity_ids integer[], firsts timestamptz[], lasts timestamptz[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE contacts_contact c
    SET first_contact_at = least(c.first_contact_at, v.first), latest_contact_at = greatest(c.latest_contact_at, v.last)
    FROM (SELECT i.contact_id, min(v.first) AS first, max(v.last) AS last
          FROM unnest(identity_ids, firsts, lasts) AS v(id, first, last)
          CROSS JOIN LATERAL (SELECT i.contact_id FROM contacts_identity i WHERE i.id = v.id OFFSET 0) i
          GROUP BY i.contact_id) v
    WHERE c.id = v.contact_id
      AND (least(c.first_contact_at, v.first), greatest(c.latest_contact_at, v.last))
          IS DISTINCT FROM (c.first_contact_at, c.latest_contact_at);
    UPDATE contacts_identity i
    SET first_seen_at = least(i.first_seen_at, v.first), last_seen_at = greatest(i.last_seen_at, v.last)
    FROM unnest(identity_ids, firsts, lasts) AS v(id, first, last)
    WHERE i.id = v.id
      AND (least(i.first_seen_at, v.first), greatest(i.last_seen_at, v.last))
          IS DISTINCT FROM (i.first_seen_at, i.last_seen_at);
END $$;
"""
DROP = "DROP FUNCTION contacts_people_lock, contacts_roll_up"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_activity_platform_key")]

    operations = [migrations.RunSQL(SQL, DROP)]
