"""The inbox's part in bulk changes of contacts: who answers their chats."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.bulk_actions import BulkAction, Choice
from contacts.bulk_sets import Chunk, Touched
from saifa_crm.access import AGENT, OWNER
from saifa_crm.lib.people import full_name

from . import live

NOBODY = 0
ASSIGN = """
    WITH changed AS (
        UPDATE inbox_conversation chat SET assignee_id = %(to)s
        FROM contacts_identity identity
        WHERE identity.id = chat.identity_id AND identity.contact_id = ANY(%(contacts)s::integer[])
            AND chat.assignee_id IS DISTINCT FROM %(to)s
        RETURNING identity.contact_id, chat.id
    ), noted AS (
        INSERT INTO contacts_activity (contact_id, actor_id, verb, after)
        SELECT DISTINCT contact_id, %(actor)s::integer, %(verb)s, %(name)s FROM changed ORDER BY contact_id
    )
    SELECT contact_id, id FROM changed
"""


def assignable() -> list[User]:
    """Who may answer chats: active agents and owners."""
    may = Q(groups__name__in=(AGENT.value, OWNER.value)) | Q(is_superuser=True)
    return list(User.objects.filter(may, is_active=True).distinct().order_by("first_name", "username"))


def _people() -> Sequence[Choice]:
    nobody = Choice(NOBODY, _("Nobody"))
    return [nobody, *(Choice(one.pk, full_name(one)) for one in assignable())]


def chats_assign(chunk: Chunk) -> Touched:
    """Give all chats of the contacts to one person, or nobody; contacts without a chat stay as they are.

    The contacts are locked, and whoever writes a chat locks its contact first (inbox.locks). A person who left since
    the change was confirmed gets nothing.
    """
    to = chunk.choices[0] if chunk.choices else NOBODY
    person = next((one for one in _people() if one.pk == to), None)
    if person is None:
        return []
    params = {
        "to": to or None,
        "contacts": list(chunk.contact_ids),
        "actor": chunk.actor_id,
        "verb": "assigned" if to else "unassigned",
        "name": str(person.name) if to else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(ASSIGN, params)
        touched = [(contact, chat) for contact, chat in cursor.fetchall()]
    if touched:
        transaction.on_commit(live.bump)
    return touched


ASSIGN_ACTION = BulkAction(
    "assign", _("Assign"), "users", chats_assign,
    roles=frozenset({AGENT, OWNER}), ask=_("Who answers their chats"), choices=_people, order=50,
)  # fmt: skip
