"""The common delivery, messages of known people and nothing else, in one statement and one round trip."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from contextlib import nullcontext

from django.db import connection, transaction

from inbox.ingest import PREVIEW_LENGTH, UNREAD_CAP
from saifa_crm.lib.safe_text import storable

from .platforms.events import AnyEvent, MessageEvent
from .sorting import MAX_ID, is_id
from .times import effective_time


def plain_take(
    *, platform: str, events: Sequence[AnyEvent], received_at: dt.datetime, channel_id: int | None
) -> int | None:
    """Store the messages and answer their channel's id; None, with nothing written, where the delivery is not plain.

    Without a transaction of ours: one statement is one, and BEGIN and COMMIT would be two more round trips.
    """
    account_id = events[0].account_id
    if storable(account_id) != account_id:
        return None
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for event in events:
        if not isinstance(event, MessageEvent) or event.account_id != account_id or not _is_plain(event):
            return None
        rows.setdefault((event.person_id, event.platform_id), _row(event, received_at))
    with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT channels_ingest_take_plain(%s, %s, %s, %s, %s, %s, %s)",
            [
                platform,
                channel_id,
                account_id,
                received_at,
                json.dumps(list(rows.values())),
                PREVIEW_LENGTH,
                UNREAD_CAP,
            ],
        )
        (taken,) = cursor.fetchone()
    return taken


def _is_plain(event: MessageEvent) -> bool:
    """Words of a customer that bring nothing beside them."""
    return (
        event.direction == "in"
        and not event.attachments
        and event.origin is None
        and event.profile is None
        and not event.phone
        and is_id(event.person_id)
        and is_id(event.platform_id)
    )


def _row(event: MessageEvent, received_at: dt.datetime) -> dict[str, object]:
    return {
        "person_id": event.person_id,
        "platform_id": event.platform_id,
        "direction": event.direction,
        "kind": event.kind,
        "text": storable(event.text),
        "attachments": [],
        "reply_to": storable(event.reply_to)[:MAX_ID],
        "sent_at": effective_time(event.sent_at, received_at).isoformat(),
        "platform_at": event.sent_at and event.sent_at.isoformat(),
        "received_at": received_at.isoformat(),
        "raw": json.dumps(event.raw),
    }
