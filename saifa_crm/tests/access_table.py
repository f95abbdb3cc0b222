"""Who may open what, by URL name: the decided table that test_access compares every URL with.

A new URL needs a line here. Values: PUBLIC, SIGNED_IN (with or without a role), or the roles.
"""

from __future__ import annotations

from saifa_crm.access import AGENT, MARKETER, OWNER, Role

PUBLIC = "public"
SIGNED_IN = "signed in"
ALL = frozenset({AGENT, MARKETER, OWNER})
CHATS = frozenset({AGENT, OWNER})  # a Marketer reads chats and orders only
MARKETING = frozenset({MARKETER, OWNER})
OWNERS = frozenset({OWNER})

Access = str | frozenset[Role]

TABLE: dict[str, Access] = {
    # overview
    "home": ALL,
    "login": PUBLIC,
    "logout": PUBLIC,
    "language": PUBLIC,
    "search": ALL,
    "account": SIGNED_IN,
    "password_change": SIGNED_IN,
    "setup": OWNERS,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "team:list": OWNERS,
    "team:add": OWNERS,
    "team:person": OWNERS,
    "team:role": OWNERS,
    "team:link": OWNERS,
    "team:deactivate": OWNERS,
    "team:reactivate": OWNERS,
    "team:invite": PUBLIC,
    # contacts
    "contacts:list": ALL,
    "contacts:columns": ALL,
    "contacts:report": MARKETING,
    "contacts:export": MARKETING,
    "contacts:export-start": MARKETING,
    "contacts:exports": MARKETING,
    "contacts:export-job": MARKETING,
    "contacts:export-file": MARKETING,
    "contacts:export-manifest": MARKETING,
    "contacts:export-cancel": MARKETING,
    "contacts:export-decide": OWNERS,
    "contacts:export-settings": OWNERS,
    "contacts:bulk": ALL,
    "contacts:bulk-job": ALL,
    "contacts:bulk-start": ALL,
    "contacts:bulk-cancel": ALL,
    "contacts:bulk-undo": ALL,
    "contacts:detail": ALL,
    "contacts:panel": ALL,
    "contacts:edit": ALL,
    "contacts:labels": ALL,
    "contacts:vip": ALL,
    "contacts:label-create": MARKETING,
    "contacts:picture": ALL,
    "contacts:segments": ALL,
    "contacts:segment-counts": ALL,
    "contacts:segment-new": MARKETING,
    "contacts:segment-edit": MARKETING,
    "contacts:segment-filters": MARKETING,
    "contacts:segment-move": MARKETING,
    "contacts:segment-delete": MARKETING,
    # orders
    "orders:list": ALL,
    "orders:add": CHATS,
    "orders:edit": CHATS,
    "orders:cancel": CHATS,
    "orders:refund": CHATS,
    # inbox
    "inbox:list": ALL,
    "inbox:changes": ALL,
    "inbox:search": ALL,
    "inbox:history": ALL,
    "inbox:conversation": ALL,
    "inbox:media": ALL,
    "inbox:thumbnail": ALL,
    "inbox:read": CHATS,
    "inbox:unread": CHATS,
    "inbox:status": CHATS,
    "inbox:spam": CHATS,
    "inbox:reply": CHATS,
    "inbox:retry": CHATS,
    # labels
    "labels:list": MARKETING,
    "labels:edit": MARKETING,
    "labels:archive": MARKETING,
    # channels
    "channels:list": OWNERS,
    "channels:connect": OWNERS,
    "channels:detail": OWNERS,
    "channels:notices-dismiss": OWNERS,
    "channels:strays": OWNERS,
    "channels:strays-decide": OWNERS,
    "channels:stray": OWNERS,
    "channels:stray-decide": OWNERS,
    "channels:edit": OWNERS,
    "channels:check": OWNERS,
    "channels:disconnect": OWNERS,
    "channels:credential-end": OWNERS,
    # webhooks: their signature is the lock
    "webhook-facebook": PUBLIC,
    "webhook-instagram": PUBLIC,
    "webhook-whatsapp": PUBLIC,
    "webhook-line": PUBLIC,
    "webhook-telegram": PUBLIC,
    "meta-deauthorise": PUBLIC,
    "meta-data-deletion": PUBLIC,
    # the code is the key
    "privacy-status": PUBLIC,
}
