"""What the audit checks of conversations: messages stored once (DESIGN section 3, rule 2) and roll-ups true."""

from __future__ import annotations

from contacts.registry import AuditCheck

from .ingest import PREVIEW_LENGTH, UNREAD_CAP

MESSAGE_ONCE = AuditCheck(
    key="message-once",
    find="""
        SELECT min(i.contact_id), 'message ' || m.platform_id || ' of conversation ' || m.conversation_id,
               m.n::text, '1'
        FROM (SELECT conversation_id, platform_id, count(*) AS n FROM inbox_message
              WHERE platform_id IS NOT NULL GROUP BY conversation_id, platform_id HAVING count(*) > 1) m
        JOIN inbox_conversation c ON c.id = m.conversation_id JOIN contacts_identity i ON i.id = c.identity_id
        GROUP BY m.conversation_id, m.platform_id, m.n
    """,
)
CONVERSATION_ONCE = AuditCheck(
    key="conversation-once",
    find="""
        SELECT min(i.contact_id), 'identity ' || c.identity_id, count(*) || ' conversations', '1'
        FROM inbox_conversation c JOIN contacts_identity i ON i.id = c.identity_id
        GROUP BY c.identity_id HAVING count(*) > 1
    """,
)
ROLL_UP = AuditCheck(
    key="conversation-roll-up",
    find=f"""
        SELECT i.contact_id, 'conversation ' || c.id,
               concat_ws(' ', c.last_message_at, c.last_direction, c.last_kind, c.last_in_at, 'unread', c.unread),
               concat_ws(' ', f.sent_at, f.direction, f.kind, f.last_in_at, 'unread', f.unread)
        FROM inbox_conversation c
        JOIN contacts_identity i ON i.id = c.identity_id
        CROSS JOIN LATERAL (
            SELECT newest.sent_at, coalesce(newest.direction, '') AS direction,
                   CASE WHEN newest.unsent_at IS NULL THEN coalesce(newest.kind, '') ELSE '' END AS kind,
                   coalesce(left(newest.text, {PREVIEW_LENGTH}), '') AS preview,
                   (SELECT max(m.sent_at) FROM inbox_message m
                    WHERE m.conversation_id = c.id AND m.direction = 'in') AS last_in_at,
                   (SELECT count(*) FROM (SELECT FROM inbox_message m
                    WHERE m.conversation_id = c.id AND m.direction = 'in'
                      AND m.sent_at > coalesce(c.read_at, '-infinity') LIMIT {UNREAD_CAP}) few) AS unread
            FROM (SELECT) one
            LEFT JOIN LATERAL (
                SELECT m.sent_at, m.direction, m.kind, m.text, m.unsent_at FROM inbox_message m
                WHERE m.conversation_id = c.id AND m.direction <> 'note'
                ORDER BY m.sent_at DESC, m.platform_id DESC LIMIT 1) newest ON true) f
        WHERE (c.last_message_at, c.last_direction, c.last_kind, c.last_preview, c.last_in_at, c.unread)
              IS DISTINCT FROM (f.sent_at, f.direction, f.kind, f.preview, f.last_in_at, f.unread)
    """,
    repair=(
        """
        UPDATE inbox_conversation c
        SET last_message_at = NULL, last_direction = '', last_kind = '', last_preview = '', last_in_at = NULL,
            unread = 0
        FROM contacts_identity i
        WHERE i.id = c.identity_id AND i.contact_id = ANY(%(contacts)s)
          AND NOT EXISTS (SELECT FROM inbox_message m WHERE m.conversation_id = c.id AND m.direction <> 'note')
        """,
        f"""
        SELECT inbox_roll_up(array_agg(c.id), {PREVIEW_LENGTH}, {UNREAD_CAP})
        FROM inbox_conversation c JOIN contacts_identity i ON i.id = c.identity_id
        WHERE i.contact_id = ANY(%(contacts)s)
        """,
    ),
)
CHECKS = (CONVERSATION_ONCE, MESSAGE_ONCE, ROLL_UP)
