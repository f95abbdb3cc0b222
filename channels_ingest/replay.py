"""Raw events read again after a parser was corrected: stored messages become what they would be now.

Messages only: raw events are kept of nothing else. Repeating a replay, or breaking it off, is harmless.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from contacts.models import Channel
from contacts.services import people_upsert
from inbox import live
from inbox.reread import Reread, messages_reread
from saifa_crm.lib.errors import trace
from saifa_crm.lib.safe_text import storable

from .delivery import attachment_row
from .marks import MessageKey
from .models import RawEvent
from .platforms import adapter_for
from .platforms.events import MessageEvent
from .sorting import MAX_ID

logger = logging.getLogger(__name__)
BATCH = 500


@dataclass(slots=True)
class Replayed:
    """How many raw events were read, how many the parser reads no message in, how many messages changed."""

    read: int = 0
    unreadable: int = 0
    changed: int = 0


def events_replay(
    *,
    since: dt.datetime,
    channel_id: int | None = None,
    dry_run: bool = False,
    progress: Callable[[Replayed], None] = lambda so_far: None,
) -> Replayed:
    """Read the raw events received since then again, a transaction a batch; `dry_run` only counts."""
    total = Replayed()
    for batch in _batches(since, channel_id):
        found = {key: event for raw in batch if (key := _key(raw)) and (event := _message(raw)) is not None}
        total.read += len(batch)
        total.unreadable += len(batch) - len(found)
        if found:
            total.changed += _apply(found, {raw.channel_id: raw.channel for raw in batch}, dry_run)
        progress(total)
    return total


def _batches(since: dt.datetime, channel_id: int | None) -> Iterator[Sequence[RawEvent]]:
    last = 0
    events = RawEvent.objects.filter(received_at__gte=since).select_related("channel").order_by("pk")
    if channel_id is not None:
        events = events.filter(channel=channel_id)
    while batch := list(events.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _key(raw: RawEvent) -> MessageKey:
    return (raw.channel_id, raw.person_id, raw.platform_id)


def _message(raw: RawEvent) -> MessageEvent | None:
    """The message in it, as the parser reads it today; None where it reads none, or another one."""
    try:
        for event in adapter_for(raw.channel.platform).parse(json.loads(raw.body)):
            if isinstance(event, MessageEvent) and (event.person_id, event.platform_id) == _key(raw)[1:]:
                return event
    except Exception as error:  # the parser is being corrected: one event must not end the replay
        logger.error("raw event %s could not be read: %s", raw.pk, trace(error))
    return None


@transaction.atomic
def _apply(found: dict[MessageKey, MessageEvent], channels: dict[int, Channel], dry_run: bool) -> int:
    people, _ = people_upsert(channels=channels, keys=(), known_only={key[:2] for key in found})
    changed = messages_reread(
        read=[
            Reread(
                identity_id=people[key[:2]].identity_id,
                platform_id=key[2],
                kind=event.kind,
                text=storable(event.text),
                reply_to=storable(event.reply_to)[:MAX_ID],
                attachments=[attachment_row(one) for one in event.attachments],
            )
            for key, event in found.items()
            if key[:2] in people
        ]
    )
    if dry_run:
        transaction.set_rollback(True)
    elif changed:
        transaction.on_commit(live.bump, robust=True)
    return changed
