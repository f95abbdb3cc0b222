"""What the audit checks of people (DESIGN section 3, rule 1) and of what filters need on the contact's row."""

from __future__ import annotations

from .registry import AuditCheck

# The constraint keeps it; an index that broke, or was dropped by hand, would not.
IDENTITY_ONCE = AuditCheck(
    key="identity-once",
    find="""
        SELECT min(contact_id), 'identity ' || channel_id || ':' || external_id, count(*)::text, '1'
        FROM contacts_identity GROUP BY channel_id, external_id HAVING count(*) > 1
    """,
)
IDENTITY_SCOPE = AuditCheck(
    key="identity-scope",
    find="""
        SELECT i.contact_id, 'identity ' || i.id, i.scope, c.scope
        FROM contacts_identity i JOIN contacts_channel c ON c.id = i.channel_id WHERE i.scope <> c.scope
    """,
    repair=(
        """
        UPDATE contacts_identity i SET scope = c.scope FROM contacts_channel c
        WHERE c.id = i.channel_id AND i.scope <> c.scope AND i.contact_id = ANY(%(contacts)s)
        """,
    ),
)
CHANNELS = AuditCheck(
    key="contact-channels",
    find="""
        SELECT c.id, 'contact ' || c.id, concat_ws(' ', c.channel_ids, c.platforms, c.following, c.blocked),
               concat_ws(' ', coalesce(f.channel_ids, '{}'), coalesce(f.platforms, '{}'),
                         coalesce(f.following, false), coalesce(f.blocked, false))
        FROM contacts_contact c
        LEFT JOIN (SELECT i.contact_id, array_agg(DISTINCT i.channel_id)::integer[] AS channel_ids,
                          array_agg(DISTINCT ch.platform)::varchar(16)[] AS platforms,
                          bool_or(i.follow_state = 'following') AS following,
                          bool_or(i.follow_state = 'blocked') AS blocked
                   FROM contacts_identity i JOIN contacts_channel ch ON ch.id = i.channel_id
                   GROUP BY i.contact_id) f ON f.contact_id = c.id
        WHERE (c.channel_ids, c.platforms, c.following, c.blocked) IS DISTINCT FROM
              (coalesce(f.channel_ids, '{}'), coalesce(f.platforms, '{}'),
               coalesce(f.following, false), coalesce(f.blocked, false))
    """,
    repair=("SELECT contacts_refresh_channels(%(contacts)s)",),
)
LABELS = AuditCheck(
    key="contact-labels",
    find="""
        SELECT c.id, 'contact ' || c.id, c.label_ids::text, coalesce(f.label_ids, '{}')::text
        FROM contacts_contact c
        LEFT JOIN (SELECT l.contact_id, array_agg(l.label_id ORDER BY l.id)::integer[] AS label_ids
                   FROM contacts_contactlabel l GROUP BY l.contact_id) f ON f.contact_id = c.id
        WHERE c.label_ids IS DISTINCT FROM coalesce(f.label_ids, '{}')
    """,
    repair=("SELECT contacts_refresh_labels(%(contacts)s)",),
)
TALLY = AuditCheck(
    key="contact-tally",
    find="""
        SELECT 0, format('contacts of kind %s %s %s', traits, label_mask, channel_mask),
               coalesce(kept, 0)::text, coalesce(counted, 0)::text
        FROM (SELECT traits, label_mask, channel_mask, sum(change) AS kept FROM contacts_tally GROUP BY 1, 2, 3) t
        FULL JOIN (SELECT traits, label_mask, channel_mask, count(*) AS counted FROM contacts_contact
                   GROUP BY 1, 2, 3) c USING (traits, label_mask, channel_mask)
        WHERE coalesce(kept, 0) <> coalesce(counted, 0)
        UNION ALL
        SELECT 0, 'contacts of all folded kinds', kept::text, counted::text
        FROM (SELECT (SELECT coalesce(sum(folded), 0) FROM contacts_tallytotal) AS kept,
                     (SELECT coalesce(sum(change), 0) FROM contacts_tally WHERE folded) AS counted) t
        WHERE kept <> counted
    """,
    repair=("SELECT contacts_tally_recount()",),
)
COPIED = "traits, label_mask, channel_mask, first_contact_at, latest_contact_at, value"
ENTRY = f"{COPIED}, searched, sort_start"
COPY = f"{COPIED}, contacts_searched(search_text, usernames), left(sort_name, 9)"
ENTRIES = AuditCheck(
    key="contact-entry",
    find=f"""
        SELECT coalesce(c.id, e.contact_id), 'list entry of contact ' || coalesce(c.id, e.contact_id),
               coalesce(e.kept::text, ''), coalesce(c.wanted::text, '')
        FROM (SELECT contact_id, ROW({ENTRY}) AS kept FROM contacts_listentry) e
        FULL JOIN (SELECT id, ROW({COPY}) AS wanted FROM contacts_contact) c ON c.id = e.contact_id
        WHERE e.kept IS DISTINCT FROM c.wanted
    """,
    repair=(
        "DELETE FROM contacts_listentry WHERE contact_id = ANY(%(contacts)s)",
        f"""
        INSERT INTO contacts_listentry (contact_id, {ENTRY})
        SELECT id, {COPY} FROM contacts_contact WHERE id = ANY(%(contacts)s)
        """,
    ),
)
USERNAMES = AuditCheck(
    key="contact-usernames",
    find="""
        SELECT c.id, 'contact ' || c.id, c.usernames, coalesce(f.usernames, '')
        FROM contacts_contact c
        LEFT JOIN (SELECT i.contact_id, string_agg(DISTINCT E'\n' || lower(i.username), '') AS usernames
                   FROM contacts_identity i WHERE i.username <> '' GROUP BY i.contact_id) f ON f.contact_id = c.id
        WHERE c.usernames <> coalesce(f.usernames, '')
    """,
    repair=("SELECT contacts_refresh_usernames(%(contacts)s)",),
)
CHECKS = (IDENTITY_ONCE, IDENTITY_SCOPE, CHANNELS, LABELS, USERNAMES, TALLY, ENTRIES)
