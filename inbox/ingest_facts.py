"""What is said about messages and conversations: edits, reactions, receipts, control. Set-based, newest wins.

All run inside a transaction that holds the locks of the contacts; a tie is decided by the value, so that every
order of arrival ends the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from .ingest import conversations_roll_up

MessageRef = tuple[int, str]  # identity id, platform id


@dataclass(frozen=True, slots=True)
class Edited:
    """New words of a message."""

    identity_id: int
    platform_id: str
    text: str
    number: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Reacted:
    """The customer's reaction to a message; an empty emoji takes it back."""

    identity_id: int
    platform_id: str
    emoji: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one message the shop sent: sent, failed (with the platform's code), delivered or read."""

    identity_id: int
    platform_id: str
    state: str
    error: str


@dataclass(frozen=True, slots=True)
class Upto:
    """All that the shop sent up to `at` was delivered, or `seen`."""

    identity_id: int
    at: dt.datetime
    seen: bool


@dataclass(frozen=True, slots=True)
class Controlled:
    """From `at` on another app has the thread, or (`ours`) this product has it back."""

    identity_id: int
    at: dt.datetime
    ours: bool


def messages_present(*, refs: Collection[MessageRef]) -> set[MessageRef]:
    """Which of the messages are here."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.identity_id, v.platform_id
            FROM unnest(%s::integer[], %s::text[]) AS v(identity_id, platform_id)
            JOIN inbox_conversation c ON c.identity_id = v.identity_id
            JOIN inbox_message m ON m.conversation_id = c.id AND m.platform_id = v.platform_id
            """,
            [[ref[0] for ref in refs], [ref[1] for ref in refs]],
        )
        return set(cursor.fetchall())


def conversations_present(*, identity_ids: Collection[int]) -> set[int]:
    """Which of the identities have a conversation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_id FROM inbox_conversation WHERE identity_id = ANY(%s)", [list(identity_ids)])
        return {row[0] for row in cursor.fetchall()}


def messages_edit(*, edited: Sequence[Edited]) -> None:
    """Replace the words of messages that are here; what was unsent stays empty."""
    touched = _update(
        """
        UPDATE inbox_message m SET text = v.text, edited_at = v.at, edit_number = v.number
        FROM unnest(%s::integer[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[])
            AS v(identity_id, platform_id, text, number, at)
        JOIN inbox_conversation c ON c.identity_id = v.identity_id
        WHERE m.conversation_id = c.id AND m.platform_id = v.platform_id AND m.unsent_at IS NULL
          AND (v.number, v.at, v.text COLLATE "C")
            > (m.edit_number, coalesce(m.edited_at, '-infinity'), m.text COLLATE "C")
        RETURNING m.conversation_id
        """,
        ((one.identity_id, one.platform_id, one.text, min(one.number, 2**31 - 1), one.at) for one in edited),
    )
    if touched:
        conversations_roll_up(ids={row[0] for row in touched})


def messages_react(*, reacted: Sequence[Reacted]) -> None:
    """Set the customer's reaction; on an unsent message only its time is kept."""
    _update(
        """
        UPDATE inbox_message m
        SET reaction = CASE WHEN m.unsent_at IS NULL THEN v.emoji ELSE '' END, reacted_at = v.at
        FROM unnest(%s::integer[], %s::text[], %s::text[], %s::timestamptz[])
            AS v(identity_id, platform_id, emoji, at)
        JOIN inbox_conversation c ON c.identity_id = v.identity_id
        WHERE m.conversation_id = c.id AND m.platform_id = v.platform_id
          AND (v.at, v.emoji COLLATE "C") > (coalesce(m.reacted_at, '-infinity'), m.reaction COLLATE "C")
        RETURNING m.id
        """,
        ((one.identity_id, one.platform_id, one.emoji, one.at) for one in reacted),
    )


def messages_receive(*, received: Sequence[Received]) -> None:
    """Bring the delivery state of outbound messages forward, never back."""
    _update(
        """
        UPDATE inbox_message m SET delivery_state = v.state, error = v.error
        FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[]) AS v(identity_id, platform_id, state, error)
        JOIN inbox_conversation c ON c.identity_id = v.identity_id
        WHERE m.conversation_id = c.id AND m.platform_id = v.platform_id AND m.direction = 'out'
          AND array_position(ARRAY['', 'queued', 'sent', 'failed', 'delivered', 'read'], v.state)
            > array_position(ARRAY['', 'queued', 'sent', 'failed', 'delivered', 'read'], m.delivery_state::text)
        RETURNING m.id
        """,
        ((one.identity_id, one.platform_id, one.state, one.error) for one in received),
    )


def conversations_receive(*, uptos: Sequence[Upto]) -> None:
    """Move the marks up to which the customer got and saw what the shop sent; never back."""
    _update(
        """
        UPDATE inbox_conversation c
        SET delivered_upto = greatest(c.delivered_upto, v.delivered), seen_upto = greatest(c.seen_upto, v.seen)
        FROM unnest(%s::integer[], %s::timestamptz[], %s::timestamptz[]) AS v(identity_id, delivered, seen)
        WHERE c.identity_id = v.identity_id
        RETURNING c.id
        """,
        _by_identity(uptos),
    )


def _by_identity(uptos: Iterable[Upto]) -> list[tuple[Any, ...]]:
    """One row an identity: an UPDATE takes only one of several."""
    rows: dict[int, dict[bool, dt.datetime]] = {}
    for one in uptos:
        row = rows.setdefault(one.identity_id, {})
        row[one.seen] = max(one.at, row.get(one.seen, one.at))
    return [(identity_id, row.get(False), row.get(True)) for identity_id, row in rows.items()]


def controls_add(*, controlled: Sequence[Controlled]) -> None:
    """Note who had the thread from when on; the same moment twice is one."""
    _update(
        """
        INSERT INTO inbox_threadcontrol (conversation_id, at, ours)
        SELECT c.id, v.at, v.ours
        FROM unnest(%s::integer[], %s::timestamptz[], %s::boolean[]) AS v(identity_id, at, ours)
        JOIN inbox_conversation c ON c.identity_id = v.identity_id
        ON CONFLICT DO NOTHING RETURNING id
        """,
        ((one.identity_id, one.at, one.ours) for one in controlled),
    )


def _update(sql: str, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Run a set-based write whose parameters are the columns of `rows`; answers what it returns."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, columns)
        return list(cursor.fetchall())
