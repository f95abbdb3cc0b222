"""What the audit checks of times (DESIGN section 3, rule 3): first and latest contact are those of the interactions.

Interactions are messages either way and customers' reactions; a reaction to a message that is not here waits as a
mark and counts already. Nobody first appears by a reaction.
"""

from __future__ import annotations

from contacts.registry import AuditCheck

# Per identity: (identity_id, contact_id, first, last).
SPANS = """
    SELECT i.id AS identity_id, i.contact_id, i.first_seen_at, i.last_seen_at, m.first, greatest(m.last, r.last) AS last
    FROM contacts_identity i
    LEFT JOIN (SELECT c.identity_id, min(m.sent_at) AS first, greatest(max(m.sent_at), max(m.reacted_at)) AS last
               FROM inbox_message m JOIN inbox_conversation c ON c.id = m.conversation_id
               WHERE m.direction <> 'note' GROUP BY c.identity_id) m ON m.identity_id = i.id
    LEFT JOIN (SELECT channel_id, person_id, max(at) AS last FROM channels_ingest_mark WHERE kind = 'reaction'
               GROUP BY channel_id, person_id) r ON r.channel_id = i.channel_id AND r.person_id = i.external_id
"""
# The same for the contacts at hand only: by index, whatever the size of the tables.
SPANS_OF = """
    SELECT i.id AS identity_id, i.contact_id, m.first, greatest(m.last, r.last) AS last
    FROM contacts_identity i
    CROSS JOIN LATERAL (SELECT min(m.sent_at) AS first, greatest(max(m.sent_at), max(m.reacted_at)) AS last
                        FROM inbox_conversation c JOIN inbox_message m ON m.conversation_id = c.id
                        WHERE c.identity_id = i.id AND m.direction <> 'note') m
    CROSS JOIN LATERAL (SELECT max(k.at) AS last FROM channels_ingest_mark k
                        WHERE k.channel_id = i.channel_id AND k.person_id = i.external_id AND k.kind = 'reaction') r
    WHERE i.contact_id = ANY(%(contacts)s)
"""

IDENTITY_TIMES = AuditCheck(
    key="identity-times",
    find=f"""
        SELECT s.contact_id, 'identity ' || s.identity_id, concat_ws(' to ', s.first_seen_at, s.last_seen_at),
               concat_ws(' to ', s.first, s.last)
        FROM ({SPANS}) s WHERE (s.first_seen_at, s.last_seen_at) IS DISTINCT FROM (s.first, s.last)
    """,
    repair=(
        f"""
        UPDATE contacts_identity i SET first_seen_at = s.first, last_seen_at = s.last FROM ({SPANS_OF}) s
        WHERE i.id = s.identity_id AND (i.first_seen_at, i.last_seen_at) IS DISTINCT FROM (s.first, s.last)
        """,
    ),
)
CONTACT_TIMES = AuditCheck(
    key="contact-times",
    find=f"""
        SELECT c.id, 'contact ' || c.id, concat_ws(' to ', c.first_contact_at, c.latest_contact_at),
               concat_ws(' to ', s.first, s.last)
        FROM contacts_contact c
        LEFT JOIN (SELECT s.contact_id, min(s.first) AS first, max(s.last) AS last FROM ({SPANS}) s
                   GROUP BY s.contact_id) s ON s.contact_id = c.id
        WHERE (c.first_contact_at, c.latest_contact_at) IS DISTINCT FROM (s.first, s.last)
    """,
    repair=(
        f"""
        UPDATE contacts_contact c SET first_contact_at = s.first, latest_contact_at = s.last
        FROM (SELECT k.id, min(s.first) AS first, max(s.last) AS last FROM unnest(%(contacts)s) k(id)
              LEFT JOIN ({SPANS_OF}) s ON s.contact_id = k.id GROUP BY k.id) s
        WHERE c.id = s.id AND (c.first_contact_at, c.latest_contact_at) IS DISTINCT FROM (s.first, s.last)
        """,
    ),
)
CHECKS = (IDENTITY_TIMES, CONTACT_TIMES)
