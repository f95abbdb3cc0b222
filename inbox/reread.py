"""What a corrected parser reads in messages stored before: brought to them without touching what came since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from .ingest import conversations_roll_up
from .media import media_expect


@dataclass(frozen=True, slots=True)
class Reread:
    """A stored message as it reads now; all safe for the database."""

    identity_id: int
    platform_id: str
    kind: str
    text: str
    reply_to: str
    attachments: Sequence[Mapping[str, Any]]


def messages_reread(*, read: Sequence[Reread]) -> int:
    """Bring messages to what is read now and answer how many differed. Edited words and unsent messages stay.

    Must run inside a transaction that holds the locks of the contacts. Three statements at most.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inbox_message m
            SET kind = v.kind, text = CASE WHEN m.edited_at IS NULL THEN v.text ELSE m.text END,
                reply_to = v.reply_to, attachments = v.attachments
            FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
                AS v(identity_id, platform_id, kind, text, reply_to, attachments)
            JOIN inbox_conversation c ON c.identity_id = v.identity_id
            WHERE m.conversation_id = c.id AND m.platform_id = v.platform_id AND m.unsent_at IS NULL
              AND (m.kind, m.reply_to, m.attachments, CASE WHEN m.edited_at IS NULL THEN m.text ELSE v.text END)
                  IS DISTINCT FROM (v.kind, v.reply_to, v.attachments, v.text)
            RETURNING c.id, v.identity_id, v.platform_id
            """,
            [
                [one.identity_id for one in read],
                [one.platform_id for one in read],
                [one.kind for one in read],
                [one.text for one in read],
                [one.reply_to for one in read],
                [json.dumps(list(one.attachments)) for one in read],
            ],
        )
        changed = cursor.fetchall()
    if changed:
        conversations_roll_up(ids={row[0] for row in changed})
        media_expect(messages=[(row[1], row[2]) for row in changed])
    return len(changed)
