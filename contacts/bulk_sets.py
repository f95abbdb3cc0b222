"""One chunk of a bulk change in SQL: the change and its Activity by one statement, whatever the number of contacts.

Each expects the chunk's contacts locked in id order, as every write of contacts locks them, and the triggers of
migration 0002 to keep label_ids. PostgreSQL runs the parts of a WITH on one snapshot: what was so already returns no
row and leaves no Activity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from .models import UserType

Touched = list[tuple[int, int]]  # (contact id, id of what changed on it)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Locked contacts of a job, in id order. `undo_of` is the job whose touched items are to be as before."""

    contact_ids: Sequence[int]
    choices: Sequence[int]
    actor_id: int | None
    undo_of: int | None = None


# An undo takes from each contact what the job put there and no more; an archived label was on it before, too.
WANTED = """
    SELECT c.id AS contact_id, l.id AS label_id
    FROM unnest(%(contacts)s::integer[]) AS c(id) CROSS JOIN labels_label l
    WHERE %(undo)s::integer IS NULL AND l.id = ANY(%(choices)s::integer[]) AND (NOT %(adding)s OR NOT l.archived)
    UNION ALL
    SELECT i.contact_id, l.id
    FROM contacts_bulkitem i CROSS JOIN unnest(i.touched) AS t(id) JOIN labels_label l ON l.id = t.id
    WHERE i.job_id = %(undo)s AND i.contact_id = ANY(%(contacts)s::integer[])
"""
LABELS_ADD = f"""
    WITH wanted AS ({WANTED}), changed AS (
        INSERT INTO contacts_contactlabel (contact_id, label_id)
        SELECT contact_id, label_id FROM wanted ORDER BY contact_id, label_id
        ON CONFLICT DO NOTHING RETURNING contact_id, label_id
    ), noted AS (
        INSERT INTO contacts_activity (contact_id, actor_id, verb, after)
        SELECT changed.contact_id, %(actor)s, 'label_added', l.name
        FROM changed JOIN labels_label l ON l.id = changed.label_id ORDER BY changed.contact_id, l.id
    )
    SELECT contact_id, label_id FROM changed
"""
LABELS_REMOVE = f"""
    WITH wanted AS ({WANTED}), changed AS (
        DELETE FROM contacts_contactlabel has USING wanted
        WHERE has.contact_id = wanted.contact_id AND has.label_id = wanted.label_id
        RETURNING has.contact_id, has.label_id
    ), noted AS (
        INSERT INTO contacts_activity (contact_id, actor_id, verb, before)
        SELECT changed.contact_id, %(actor)s, 'label_removed', l.name
        FROM changed JOIN labels_label l ON l.id = changed.label_id ORDER BY changed.contact_id, l.id
    )
    SELECT contact_id, label_id FROM changed
"""
USER_TYPE = """
    WITH changed AS (
        UPDATE contacts_contact c SET user_type = %(wanted)s
        FROM contacts_contact was
        WHERE c.id = ANY(%(contacts)s::integer[]) AND was.id = c.id AND c.user_type <> %(wanted)s
        RETURNING c.id, was.user_type AS before
    ), noted AS (
        INSERT INTO contacts_activity (contact_id, actor_id, verb, before, after)
        SELECT id, %(actor)s, 'user_type', before, %(wanted)s FROM changed ORDER BY id
    )
    SELECT id, 1 FROM changed
"""


def labels_add(chunk: Chunk) -> Touched:
    """Put labels on; archived ones only where an undo returns them."""
    return _labels(LABELS_ADD, chunk, adding=True)


def labels_remove(chunk: Chunk) -> Touched:
    """Take labels off."""
    return _labels(LABELS_REMOVE, chunk, adding=False)


def vip_set(chunk: Chunk) -> Touched:
    """Make VIP."""
    return _user_type(chunk, UserType.VIP)


def vip_unset(chunk: Chunk) -> Touched:
    """Make plain users."""
    return _user_type(chunk, UserType.USER)


def _labels(sql: str, chunk: Chunk, *, adding: bool) -> Touched:
    return _run(
        sql,
        {
            "contacts": list(chunk.contact_ids),
            "choices": list(chunk.choices),
            "actor": chunk.actor_id,
            "undo": chunk.undo_of,
            "adding": adding,
        },
    )


def _user_type(chunk: Chunk, wanted: UserType) -> Touched:
    return _run(USER_TYPE, {"contacts": list(chunk.contact_ids), "wanted": wanted.value, "actor": chunk.actor_id})


def _run(sql: str, params: dict[str, Any]) -> Touched:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [(contact, thing) for contact, thing in cursor.fetchall()]
