"""Messages of a delivery: inserted once, rolled up into their conversations, taken back when unsent."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from .media import media_expect, media_forget

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

    Must run inside a transaction that holds the locks of the contacts. Three statements at most, however many messages.
    """
    begun = _conversations_begin({message.identity_id for message in messages})
    rows = [
        {
            "identity_id": message.identity_id,
            "platform_id": message.platform_id,
            "direction": message.direction,
            "kind": message.kind,
            "text": message.text,
            "attachments": list(message.attachments),
            "reply_to": message.reply_to,
            "sent_at": message.sent_at.isoformat(),
            "platform_at": message.platform_at and message.platform_at.isoformat(),
            "received_at": message.received_at.isoformat(),
            "unsent_at": message.unsent_at and message.unsent_at.isoformat(),
        }
        for message in messages
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity_id, platform_id FROM inbox_store(%s, %s, %s)",
            [json.dumps(rows), PREVIEW_LENGTH, UNREAD_CAP],
        )
        stored = set(cursor.fetchall())
    new = [message for message in messages if (message.identity_id, message.platform_id) in stored]
    if brought := [(message.identity_id, message.platform_id) for message in new if message.attachments]:
        media_expect(messages=brought)
    return Stored(new, begun)


def _conversations_begin(identity_ids: Collection[int]) -> set[int]:
    """Begin the conversations that are missing; answers whose. The contacts are locked: nobody else begins them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO inbox_conversation (identity_id)
            SELECT k.id FROM unnest(%s::integer[]) AS k(id)
            WHERE NOT EXISTS (SELECT FROM inbox_conversation c WHERE c.identity_id = k.id)
            RETURNING identity_id
            """,
            [sorted(identity_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def conversations_roll_up(*, ids: Collection[int]) -> None:
    """Recompute `last_*`, `last_in_at` and `unread` from the messages (inbox_roll_up, migration 0005).

    A recompute under the contact's lock: the same for every order of arrival.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT inbox_roll_up(%s::integer[], %s, %s)", [sorted(ids), PREVIEW_LENGTH, UNREAD_CAP])


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
            RETURNING m.conversation_id, m.id
            """,
            [
                [one.identity_id for one in unsent],
                [one.platform_id for one in unsent],
                [one.at for one in unsent],
            ],
        )
        touched = cursor.fetchall()
    if touched:
        media_forget(message_ids=[message_id for _, message_id in touched])
        conversations_roll_up(ids={conversation_id for conversation_id, _ in touched})
