"""Triggers that keep Contact.channel_ids, platforms and label_ids true after any write path.

Each locks the contacts it touches in id order first; the next statement of a READ COMMITTED function then sees
what the transaction it waited for committed, so a recompute cannot be stale.
"""

from django.db import migrations

CHANNELS = """
CREATE FUNCTION contacts_refresh_channels(ids integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts_contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE contacts_contact c
    SET channel_ids = fresh.channel_ids, platforms = fresh.platforms
    FROM (
        SELECT k.id,
               coalesce(array_agg(DISTINCT i.channel_id) FILTER (WHERE i.id IS NOT NULL), '{}')::integer[] AS channel_ids,
               coalesce(array_agg(DISTINCT ch.platform) FILTER (WHERE i.id IS NOT NULL), '{}')::varchar(16)[] AS platforms
        FROM unnest(ids) AS k(id)
        LEFT JOIN contacts_identity i ON i.contact_id = k.id
        LEFT JOIN contacts_channel ch ON ch.id = i.channel_id
        GROUP BY k.id
    ) fresh
    WHERE c.id = fresh.id AND (c.channel_ids, c.platforms) IS DISTINCT FROM (fresh.channel_ids, fresh.platforms);
END $$;

CREATE FUNCTION contacts_identity_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_channels(ARRAY(SELECT DISTINCT contact_id FROM fresh));
    RETURN NULL;
END $$;
CREATE FUNCTION contacts_identity_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_channels(ARRAY(
        SELECT unnest(ARRAY[o.contact_id, n.contact_id]) FROM fresh n JOIN stale o USING (id)
        WHERE (o.contact_id, o.channel_id) IS DISTINCT FROM (n.contact_id, n.channel_id) GROUP BY 1));
    RETURN NULL;
END $$;
CREATE FUNCTION contacts_identity_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_channels(ARRAY(SELECT DISTINCT contact_id FROM stale));
    RETURN NULL;
END $$;
CREATE TRIGGER identity_inserted AFTER INSERT ON contacts_identity REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_identity_inserted();
CREATE TRIGGER identity_updated AFTER UPDATE ON contacts_identity REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_identity_updated();
CREATE TRIGGER identity_deleted AFTER DELETE ON contacts_identity REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_identity_deleted();
"""

LABELS = """
CREATE FUNCTION contacts_refresh_labels(ids integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts_contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE contacts_contact c SET label_ids = fresh.label_ids
    FROM (
        SELECT k.id, coalesce(array_agg(l.label_id ORDER BY l.id) FILTER (WHERE l.id IS NOT NULL), '{}')::integer[]
                     AS label_ids
        FROM unnest(ids) AS k(id) LEFT JOIN contacts_contactlabel l ON l.contact_id = k.id GROUP BY k.id
    ) fresh
    WHERE c.id = fresh.id AND c.label_ids IS DISTINCT FROM fresh.label_ids;
END $$;

CREATE FUNCTION contacts_label_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_labels(ARRAY(SELECT DISTINCT contact_id FROM fresh));
    RETURN NULL;
END $$;
CREATE FUNCTION contacts_label_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_labels(ARRAY(SELECT contact_id FROM fresh UNION SELECT contact_id FROM stale));
    RETURN NULL;
END $$;
CREATE FUNCTION contacts_label_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_refresh_labels(ARRAY(SELECT DISTINCT contact_id FROM stale));
    RETURN NULL;
END $$;
CREATE TRIGGER label_inserted AFTER INSERT ON contacts_contactlabel REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_label_inserted();
CREATE TRIGGER label_updated AFTER UPDATE ON contacts_contactlabel REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_label_updated();
CREATE TRIGGER label_deleted AFTER DELETE ON contacts_contactlabel REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_label_deleted();
"""

DROP_CHANNELS = """
DROP FUNCTION contacts_identity_inserted, contacts_identity_updated, contacts_identity_deleted CASCADE;
DROP FUNCTION contacts_refresh_channels;
"""
DROP_LABELS = """
DROP FUNCTION contacts_label_inserted, contacts_label_updated, contacts_label_deleted CASCADE;
DROP FUNCTION contacts_refresh_labels;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]

    operations = [migrations.RunSQL(CHANNELS, DROP_CHANNELS), migrations.RunSQL(LABELS, DROP_LABELS)]
