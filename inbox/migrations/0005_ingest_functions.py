"""Functions of the ingest path: store messages and roll conversations up in one round trip, with kept plans."""

from django.db import migrations

SQL = """
-- Recompute `last_*`, `last_in_at` and `unread` from the messages; equal times are decided by platform id. Under the
-- contact's lock the same for every order of arrival. Reads the newest messages by index. `unread` is counted up to
-- `unread_cap` only: a chat that nobody reads must not cost more with every message.
CREATE FUNCTION inbox_roll_up(ids integer[], preview_length integer, unread_cap integer) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE inbox_conversation c SET
        last_message_at = newest.sent_at, last_direction = newest.direction,
        last_kind = CASE WHEN newest.unsent_at IS NULL THEN newest.kind ELSE '' END,
        last_preview = newest.preview, last_in_at = inbound.sent_at, unread = counted.unread,
        status = CASE WHEN c.status = 'closed' AND inbound.sent_at > coalesce(c.last_in_at, '-infinity')
                      THEN 'open' ELSE c.status END
    FROM unnest(ids) AS k(id),
    LATERAL (SELECT m.sent_at, m.direction, m.kind, m.unsent_at, left(m.text, preview_length) AS preview
             FROM inbox_message m
             WHERE m.conversation_id = k.id AND m.direction <> 'note'
             ORDER BY m.sent_at DESC, m.platform_id DESC LIMIT 1) newest
    LEFT JOIN LATERAL (SELECT m.sent_at FROM inbox_message m
             WHERE m.conversation_id = k.id AND m.direction = 'in'
             ORDER BY m.sent_at DESC LIMIT 1) inbound ON true,
    LATERAL (SELECT count(*)::integer AS unread FROM (
             SELECT 1 FROM inbox_message m, inbox_conversation c0
             WHERE c0.id = k.id AND m.conversation_id = k.id AND m.direction = 'in'
             AND m.sent_at > coalesce(c0.read_at, '-infinity') LIMIT unread_cap) few) counted
    WHERE c.id = k.id;
END $$;

-- Insert what is not there yet and roll up; answers what is new. The conversations exist, the contacts are locked.
CREATE FUNCTION inbox_store(messages jsonb, preview_length integer, unread_cap integer)
RETURNS TABLE (identity_id integer, platform_id text, sent_at timestamptz) LANGUAGE plpgsql ROWS 1
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE conversations integer[]; ids text[]; times timestamptz[];
BEGIN
    WITH fresh AS (
        INSERT INTO inbox_message (conversation_id, platform_id, direction, kind, text, attachments, reply_to, sent_at,
                                   platform_at, received_at, delivery_state, unsent_at)
        SELECT c.id, m.platform_id, m.direction, m.kind, m.text, m.attachments, m.reply_to, m.sent_at,
               m.platform_at, m.received_at, CASE m.direction WHEN 'out' THEN 'sent' ELSE '' END, m.unsent_at
        FROM jsonb_to_recordset(messages) AS m(
            identity_id integer, platform_id text, direction text, kind text, text text, attachments jsonb,
            reply_to text, sent_at timestamptz, platform_at timestamptz, received_at timestamptz,
            unsent_at timestamptz)
        JOIN inbox_conversation c ON c.identity_id = m.identity_id
        ON CONFLICT (conversation_id, platform_id) DO NOTHING
        RETURNING inbox_message.conversation_id, inbox_message.platform_id, inbox_message.sent_at
    )
    SELECT array_agg(f.conversation_id), array_agg(f.platform_id), array_agg(f.sent_at)
    INTO conversations, ids, times FROM fresh f;
    IF ids IS NULL THEN RETURN; END IF;
    PERFORM inbox_roll_up(ARRAY(SELECT DISTINCT unnest(conversations)), preview_length, unread_cap);
    RETURN QUERY
    SELECT c.identity_id, n.platform_id, n.sent_at
    FROM unnest(conversations, ids, times) AS n(conversation_id, platform_id, sent_at)
    JOIN inbox_conversation c ON c.id = n.conversation_id;
END $$;
"""
DROP = "DROP FUNCTION inbox_store, inbox_roll_up"


class Migration(migrations.Migration):
    dependencies = [("inbox", "0004_message_sending")]

    operations = [migrations.RunSQL(SQL, DROP)]
