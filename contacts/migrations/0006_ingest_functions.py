"""Functions of the ingest path: their plans stay with a connection, behind a pooler too, and they save round trips.

Each statement of a volatile function has a snapshot of its own under READ COMMITTED: what is read after a lock is
what the transaction waited for has committed. Plans are kept, also those made while the tables were small:
`enable_seqscan` is off so that they look rows up by index from the first day on.
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
    SELECT array_agg(i.contact_id) INTO wanted
    FROM unnest(channel_ids, external_ids) AS k(channel_id, external_id)
    JOIN contacts_identity i ON i.channel_id = k.channel_id AND i.external_id = k.external_id;
    IF all_or_none AND cardinality(wanted) < cardinality(external_ids) THEN RETURN; END IF;
    WHILE wanted IS NOT NULL LOOP
        PERFORM FROM contacts_contact WHERE id = ANY(wanted) ORDER BY id FOR NO KEY UPDATE;
        SELECT array_agg(i.channel_id), array_agg(i.external_id::text), array_agg(i.id), array_agg(i.contact_id)
        INTO channels, people, identities, present
        FROM unnest(channel_ids, external_ids) AS k(channel_id, external_id)
        JOIN contacts_identity i ON i.channel_id = k.channel_id AND i.external_id = k.external_id;
        EXIT WHEN present IS NULL OR present <@ wanted;
        wanted := present;
    END LOOP;
    RETURN QUERY SELECT * FROM unnest(channels, people, identities, present);
END $$;

-- Widen first and latest contact of these identities and of their contacts; never narrows, never moves back.
CREATE FUNCTION contacts_roll_up(identity_ids integer[], firsts timestamptz[], lasts timestamptz[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE contacts_contact c
    SET first_contact_at = least(c.first_contact_at, v.first), latest_contact_at = greatest(c.latest_contact_at, v.last)
    FROM (SELECT i.contact_id, min(v.first) AS first, max(v.last) AS last
          FROM unnest(identity_ids, firsts, lasts) AS v(id, first, last) JOIN contacts_identity i ON i.id = v.id
          GROUP BY i.contact_id) v
    WHERE c.id = v.contact_id AND (c.latest_contact_at IS NULL OR c.latest_contact_at < v.last
                                   OR c.first_contact_at > v.first OR c.first_contact_at IS NULL);
    UPDATE contacts_identity i
    SET first_seen_at = least(i.first_seen_at, v.first), last_seen_at = greatest(i.last_seen_at, v.last)
    FROM (SELECT v.id, min(v.first) AS first, max(v.last) AS last
          FROM unnest(identity_ids, firsts, lasts) AS v(id, first, last) GROUP BY v.id) v
    WHERE i.id = v.id AND (i.last_seen_at IS NULL OR i.last_seen_at < v.last
                           OR i.first_seen_at > v.first OR i.first_seen_at IS NULL);
END $$;
"""
DROP = "DROP FUNCTION contacts_people_lock, contacts_roll_up"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_activity_platform_key")]

    operations = [migrations.RunSQL(SQL, DROP)]
