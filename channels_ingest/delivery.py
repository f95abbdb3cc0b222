"""One delivery applied in one transaction: people, messages, facts, notices, raw and stray events."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Q

from contacts.models import Channel
from contacts.services import Person, PersonKey, Seen, interactions_roll_up, people_upsert, profiles_told
from inbox import live
from inbox.ingest import Incoming, Stored, messages_store
from inbox.outbound import Echo, echoes_fold
from saifa_crm.lib.circuit import is_away
from saifa_crm.lib.errors import trace
from saifa_crm.lib.queues import enqueue
from saifa_crm.lib.safe_text import storable, storable_json

from . import models
from .counters import delivery_seen
from .facts import Kind
from .marks import MessageKey, marks_read
from .plain import plain_take
from .platforms import adapter_for
from .platforms.events import AnyEvent, IgnoredEvent, MessageEvent, NoticeEvent, StrayEvent
from .settle import settle
from .sorting import MAX_ID, Sorted, as_stray, sort_events
from .strays import kept_forget, strays_keep
from .tasks import profile_fan_out
from .times import effective_time
from .told import told_profiles

logger = logging.getLogger(__name__)

ATTEMPTS = 3
NONCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # a retry key, as replies are sent with it


def delivery_take(*, platform: str, decoded: Any, received_at: dt.datetime, channel_id: int | None = None) -> None:
    """Apply a decoded body, or keep its events for replay where applying them fails; commits or raises.

    A deadlock or a lost race is tried again; a database that is away raises OperationalError or InterfaceError.
    """
    for attempt in range(ATTEMPTS):
        try:
            events = adapter_for(platform).parse(decoded)
            delivery_apply(platform=platform, events=events, received_at=received_at, channel_id=channel_id)
            return
        except (OperationalError, IntegrityError) as error:
            if attempt + 1 < ATTEMPTS and _worth_another_try(error):
                continue
            if is_away(error):
                raise
            failed: Exception = error
        except InterfaceError:
            raise
        except Exception as error:
            failed = error
        logger.error("a delivery of %s could not be applied and is kept: %s", platform, trace(failed))
        break
    with transaction.atomic():
        strays_keep(platform=platform, strays=_failed(platform, decoded, channel_id), received_at=received_at)


def _worth_another_try(error: Exception) -> bool:
    """Deadlock, serialisation, or a row that somebody else inserted first."""
    return getattr(error.__cause__, "sqlstate", None) in ("40P01", "40001", "23505", "23503")


def _failed(platform: str, decoded: Any, channel_id: int | None) -> list[tuple[int | None, StrayEvent]]:
    """Each event as a stray with its ids, so that an unsend finds it; the whole body where it cannot be cut."""
    try:
        events = [event for event in adapter_for(platform).parse(decoded) if not isinstance(event, IgnoredEvent)]
    except Exception:  # whatever went wrong, the body is kept
        return [(channel_id, StrayEvent(account_id="", raw=decoded, reason="failed"))]
    return [(channel_id, event if isinstance(event, StrayEvent) else as_stray(event, "failed")) for event in events]


def delivery_apply(
    *, platform: str, events: Iterable[AnyEvent], received_at: dt.datetime, channel_id: int | None = None
) -> None:
    """Apply every event of a verified delivery, or keep it as a stray; commits or raises.

    `channel_id`: the channel whose key the delivery came by (LINE); others are found by the events' account ids.
    The number of statements does not grow with the events.
    """
    events = [event for event in events if not isinstance(event, IgnoredEvent)]
    if not events:
        return
    plain = plain_take(platform=platform, events=events, received_at=received_at, channel_id=channel_id)
    if plain is not None:
        seen = {plain: (len(events), 0)}
        transaction.on_commit(lambda: delivery_seen(seen, received_at, inbox_changed=True), robust=True)
        return
    with transaction.atomic():
        channels = _channels(platform, {event.account_id for event in events}, channel_id)
        parts = sort_events(events, channels, received_at)
        by_id = {channel.pk: channel for channel in channels.values()}
        new_identities: list[int] = []
        if parts.messages or parts.facts:
            new_identities = _apply(parts, by_id, received_at)
            transaction.on_commit(live.bump, robust=True)
        if parts.notices:
            _keep_notices(parts.notices, received_at)
        if parts.strays:
            strays_keep(platform=platform, strays=parts.strays, received_at=received_at)
        counts = parts.counts()
        transaction.on_commit(lambda: delivery_seen(counts, received_at), robust=True)
        if new_identities:
            transaction.on_commit(lambda: enqueue(profile_fan_out, new_identities), robust=True)


def _channels(platform: str, account_ids: set[str], channel_id: int | None) -> dict[str, Channel]:
    """Connected channels of the delivery by account id."""
    which = Q(pk=channel_id) if channel_id else Q(platform=platform, external_id__in=[storable(a) for a in account_ids])
    connected = Channel.objects.filter(which, connection__isnull=False).exclude(
        connection__state=models.ConnectionState.DISCONNECTED
    )
    found = {channel.external_id: channel for channel in connected}
    if channel_id:
        # A LINE body may name no destination: the URL's key has told which channel it is.
        for channel in list(found.values()):
            found[""] = channel
    return found


def _apply(parts: Sorted, channels: Mapping[int, Channel], received_at: dt.datetime) -> list[int]:
    """People, messages and facts in dependency order. Answers the ids of new identities."""
    makers = parts.makers(channels)
    people, new = people_upsert(channels=channels, keys=makers, known_only=parts.onlookers() - makers)
    if told := told_profiles(messages=parts.messages, people=people, received_at=received_at):
        profiles_told(told=told)
    about = {*parts.messages, *(fact.key[:3] for fact in parts.facts.values())}
    kept = marks_read(messages=about, people=())
    stored = Stored([], set())
    if parts.messages:
        gone = {fact.key[:3]: fact.at for fact in (*kept, *parts.facts.values()) if fact.kind == Kind.UNSEND}
        stored = _store(parts.messages, gone, people, received_at)
    if first := stored.begun | set(new):
        kept += marks_read(messages=(), people={key for key, who in people.items() if who.identity_id in first})
    seen = settle(told=parts.facts, kept=kept, people=people)
    for message in stored.new:
        span = Seen(message.sent_at, message.sent_at)
        seen[message.identity_id] = span | seen.get(message.identity_id, span)
    if seen:
        interactions_roll_up(seen=seen)
    if unsent := parts.unsent:
        kept_forget(messages=unsent)
    return new


def _store(
    messages: Mapping[MessageKey, MessageEvent],
    gone: Mapping[MessageKey, dt.datetime],
    people: Mapping[PersonKey, Person],
    received_at: dt.datetime,
) -> Stored:
    """Insert the messages, those already `gone` without content, and keep the raw events of the new ones."""
    incoming: dict[tuple[int, str], tuple[MessageKey, Incoming]] = {}
    for key, event in messages.items():
        identity_id = people[key[:2]].identity_id
        incoming[identity_id, event.platform_id] = (key, _incoming(event, identity_id, gone.get(key), received_at))
    if echoes := _echoes(messages.items(), people):
        echoes_fold(echoes=echoes)
    stored = messages_store(messages=[message for _, message in incoming.values()])
    keys = [incoming[one.identity_id, one.platform_id][0] for one in stored.new if one.unsent_at is None]
    models.RawEvent.objects.bulk_create(
        [
            models.RawEvent(
                channel_id=key[0],
                person_id=key[1],
                platform_id=key[2],
                body=json.dumps(messages[key].raw),
                received_at=received_at,
            )
            for key in keys
        ]
    )
    return stored


def _echoes(
    messages: Iterable[tuple[MessageKey, MessageEvent]], people: Mapping[PersonKey, Person]
) -> dict[uuid.UUID, Echo]:
    """Echoes that carry a nonce of ours, by it; of two with one nonce the first."""
    found: dict[uuid.UUID, Echo] = {}
    for key, event in messages:
        if event.direction == "out" and NONCE.fullmatch(event.metadata):
            echo = Echo(people[key[:2]].identity_id, event.platform_id, event.sent_at)
            found.setdefault(uuid.UUID(event.metadata), echo)
    return found


def _incoming(
    event: MessageEvent, identity_id: int, unsent_at: dt.datetime | None, received_at: dt.datetime
) -> Incoming:
    return Incoming(
        identity_id=identity_id,
        platform_id=event.platform_id,
        direction=event.direction,
        kind=event.kind,
        text="" if unsent_at else storable(event.text),
        sent_at=effective_time(event.sent_at, received_at),
        platform_at=event.sent_at,
        received_at=received_at,
        reply_to="" if unsent_at else storable(event.reply_to)[:MAX_ID],
        attachments=[] if unsent_at else [attachment_row(one) for one in event.attachments],
        unsent_at=unsent_at,
    )


def attachment_row(attachment: Any) -> dict[str, Any]:
    """Only what is set, safe for jsonb."""
    values = dataclasses.asdict(attachment)
    return {name: storable_json(value) for name, value in values.items() if value not in ("", None)}


def _keep_notices(notices: Sequence[tuple[int, NoticeEvent]], received_at: dt.datetime) -> None:
    models.Notice.objects.bulk_create(
        [
            models.Notice(
                channel_id=channel_id,
                platform_id=event.platform_id,
                kind=storable(event.kind)[:64],
                detail=storable(event.detail)[:500],
                serious=event.serious,
                at=effective_time(event.sent_at, received_at),
            )
            for channel_id, event in notices
        ],
        ignore_conflicts=True,
    )
