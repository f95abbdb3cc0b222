"""Events that could not be applied: kept once, and without what their sender took back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence

from django.db import connection

from saifa_crm.lib.safe_text import storable

from . import models
from .marks import MessageKey
from .platforms.events import StrayEvent, UnsendEvent
from .sorting import MAX_ID

UNSEND = UnsendEvent.__name__


def strays_keep(*, platform: str, strays: Sequence[tuple[int | None, StrayEvent]], received_at: dt.datetime) -> None:
    """Keep each event once, by digest; a constant number of statements.

    An unsend of an account that is not connected is itself a stray: it takes what it is about with it, and what
    it is about is not kept when it comes later (rule 11).
    """
    rows: dict[str, models.StrayEvent] = {}
    for channel_id, event in strays:
        row = models.StrayEvent(
            channel_id=channel_id,
            platform=platform,
            account_id=storable(event.account_id)[:MAX_ID],
            person_id=storable(event.person_id)[:MAX_ID],
            platform_id=storable(event.platform_id)[:MAX_ID],
            reason=event.reason,
            kind=storable(event.kind)[:64],
            body=json.dumps(event.raw),
            digest=_digest(platform, event),
            received_at=received_at,
        )
        rows[row.digest] = row
    models.StrayEvent.objects.bulk_create([rows[digest] for digest in sorted(rows)], ignore_conflicts=True)
    if any(row.platform_id for row in rows.values()):
        _forget_taken_back(platform, [row for row in rows.values() if row.platform_id])


def _forget_taken_back(platform: str, rows: Collection[models.StrayEvent]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM channels_ingest_strayevent e
            USING (SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) AS v(account_id, platform_id)) v,
                  channels_ingest_strayevent unsend
            WHERE e.platform = %s AND e.account_id = v.account_id AND e.platform_id = v.platform_id AND e.kind <> %s
              AND unsend.platform = %s AND unsend.account_id = v.account_id AND unsend.platform_id = v.platform_id
              AND unsend.kind = %s AND e.person_id IN ('', unsend.person_id)
            """,
            [[row.account_id for row in rows], [row.platform_id for row in rows], platform, UNSEND, platform, UNSEND],
        )


def kept_forget(*, messages: Collection[MessageKey]) -> None:
    """Drop raw and stray events of messages that were unsent on connected channels (rule 11)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                SELECT * FROM unnest(%s::integer[], %s::text[], %s::text[]) AS v(channel_id, person_id, platform_id)
            ), raw AS (
                DELETE FROM channels_ingest_rawevent e USING gone
                WHERE e.channel_id = gone.channel_id AND e.platform_id = gone.platform_id
                  AND e.person_id IN ('', gone.person_id)
            )
            DELETE FROM channels_ingest_strayevent e USING gone
            WHERE e.channel_id = gone.channel_id AND e.platform_id = gone.platform_id
              AND e.person_id IN ('', gone.person_id)
            """,
            [[key[place] for key in messages] for place in range(3)],
        )


def _digest(platform: str, event: StrayEvent) -> str:
    """What stays the same when a platform delivers an event again: LINE only turns `isRedelivery` to true."""
    stable = json.dumps(event.raw, sort_keys=True, default=str).replace('"isRedelivery": true', '"isRedelivery": false')
    return hashlib.sha256(f"{platform}\n{event.account_id!r}\n{stable}".encode()).hexdigest()
