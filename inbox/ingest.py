"""Messages of a delivery: inserted once, rolled up into their conversations, taken back when unsent."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

PREVIEW_LENGTH = 200
UNREAD_CAP = 100  # shown as 99+; a never-read chat must not cost more with every message


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message to store; `sent_at` is its effective time, text and ids are already safe for the database."""

    identity_id: int
    platform_id: str
    direction: str
    kind: str
    text: str
    sent_at: dt.datetime
    platform_at: dt.datetime | None
    received_at: dt.datetime
    reply_to: str = ""
    attachments: Sequence[Mapping[str, Any]] = field(default_factory=list)
    unsent_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a delivery added: its new messages, and the identities whose conversation began with it."""

    new: list[Incoming]
    begun: set[int]


def messages_store(*, messages: Sequence[Incoming]) -> Stored:
    """Insert what is not there yet and roll up the conversations.

    Must run inside a transaction that holds the locks of the contacts. Five statements, however many messages.
    """
    conversations, begun = _conversations({message.identity_id for message in messages})
    stored = _insert(messages, conversations)
    new = [message for message in messages if (conversations[message.identity_id], message.platform_id) in stored]
    if new:
        conversations_roll_up(ids={conversations[message.identity_id] for message in new})
    return Stored(new, begun)


def _conversations(identity_ids: Collection[int]) -> tuple[dict[int, int], set[int]]:
    """Conversation ids by identity, and the identities whose conversation is new."""
    ids = sorted(identity_ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_id, id FROM inbox_conversation WHERE identity_id = ANY(%s)", [ids])
        known: dict[int, int] = dict(cursor.fetchall())
        if len(known) == len(ids):
            return known, set()
        # The contacts are locked: nobody else begins these conversations meanwhile.
        cursor.execute(
            "INSERT INTO inbox_conversation (identity_id) SELECT unnest(%s::integer[]) RETURNING identity_id, id",
            [[identity_id for identity_id in ids if identity_id not in known]],
        )
        begun: dict[int, int] = dict(cursor.fetchall())
        return known | begun, set(begun)


def _insert(messages: Sequence[Incoming], conversations: Mapping[int, int]) -> set[tuple[int, str]]:
    columns: list[list[Any]] = [
        [conversations[message.identity_id] for message in messages],
        [message.platform_id for message in messages],
        [message.direction for message in messages],
        [message.kind for message in messages],
        [message.text for message in messages],
        [json.dumps(list(message.attachments)) for message in messages],
        [message.reply_to for message in messages],
        [message.sent_at for message in messages],
        [message.platform_at for message in messages],
        [message.received_at for message in messages],
        ["sent" if message.direction == "out" else "" for message in messages],
        [message.unsent_at for message in messages],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO inbox_message (conversation_id, platform_id, direction, kind, text, attachments, reply_to,
                                       sent_at, platform_at, received_at, delivery_state, unsent_at)
            SELECT * FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::text[],
                                 %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::timestamptz[])
            ON CONFLICT (conversation_id, platform_id) DO NOTHING RETURNING conversation_id, platform_id
            """,
            columns,
        )
        return set(cursor.fetchall())


def conversations_roll_up(*, ids: Collection[int]) -> None:
    """Recompute `last_*`, `last_in_at` and `unread` from the messages; equal times are decided by platform id.

    A recompute under the contact's lock: the same for every order of arrival. Reads the newest messages by index.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inbox_conversation c SET
                last_message_at = newest.sent_at, last_direction = newest.direction,
                last_kind = CASE WHEN newest.unsent_at IS NULL THEN newest.kind ELSE '' END,
                last_preview = newest.preview, last_in_at = inbound.sent_at, unread = counted.unread,
                status = CASE WHEN c.status = 'closed' AND inbound.sent_at > coalesce(c.last_in_at, '-infinity')
                              THEN 'open' ELSE c.status END
            FROM unnest(%s::integer[]) AS k(id),
            LATERAL (SELECT m.sent_at, m.direction, m.kind, m.unsent_at, left(m.text, %s) AS preview
                     FROM inbox_message m
                     WHERE m.conversation_id = k.id AND m.direction <> 'note'
                     ORDER BY m.sent_at DESC, m.platform_id DESC LIMIT 1) newest
            LEFT JOIN LATERAL (SELECT m.sent_at FROM inbox_message m
                     WHERE m.conversation_id = k.id AND m.direction = 'in'
                     ORDER BY m.sent_at DESC LIMIT 1) inbound ON true,
            LATERAL (SELECT count(*)::integer AS unread FROM (
                     SELECT 1 FROM inbox_message m, inbox_conversation c0
                     WHERE c0.id = k.id AND m.conversation_id = k.id AND m.direction = 'in'
                     AND m.sent_at > coalesce(c0.read_at, '-infinity') LIMIT %s) few) counted
            WHERE c.id = k.id
            """,
            [sorted(ids), PREVIEW_LENGTH, UNREAD_CAP],
        )


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message taken back at an effective time."""

    identity_id: int
    platform_id: str
    at: dt.datetime


def messages_unsend(*, unsent: Sequence[Unsent]) -> None:
    """Blank what was taken back and leave a marker; what is not there yet is left to the caller."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inbox_message m
            SET text = '', attachments = '[]', reply_to = '', reaction = '', edited_at = NULL, edit_number = 0,
                unsent_at = v.at
            FROM unnest(%s::integer[], %s::text[], %s::timestamptz[]) AS v(identity_id, platform_id, at)
            JOIN inbox_conversation c ON c.identity_id = v.identity_id
            WHERE m.conversation_id = c.id AND m.platform_id = v.platform_id
              AND (m.unsent_at IS NULL OR m.unsent_at < v.at)
            RETURNING m.conversation_id
            """,
            [
                [one.identity_id for one in unsent],
                [one.platform_id for one in unsent],
                [one.at for one in unsent],
            ],
        )
        touched = {row[0] for row in cursor.fetchall()}
    if touched:
        conversations_roll_up(ids=touched)
