"""One delivery applied in one transaction: people, messages, roll-ups, raw and stray events."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import Q

from contacts.models import Channel
from contacts.services import (
    FollowChange,
    Person,
    PersonKey,
    Seen,
    follows_apply,
    interactions_roll_up,
    people_upsert,
)
from inbox import live
from inbox.ingest import Incoming, Unsent, messages_store, messages_unsend
from saifa_crm.lib.errors import trace
from saifa_crm.lib.safe_text import storable, storable_json

from . import models
from .counters import event_seen
from .platforms import adapter_for
from .platforms.base import (
    AnyEvent,
    FollowEvent,
    IgnoredEvent,
    MessageEvent,
    StrayEvent,
    UnsendEvent,
)
from .tasks import enqueue, profile_fan_out

logger = logging.getLogger(__name__)

ATTEMPTS = 3
FUTURE_TOLERANCE = dt.timedelta(minutes=5)
OLDEST_BELIEVED = dt.datetime(2010, 1, 1, tzinfo=dt.UTC)
MAX_ID = 255

Keyed = MessageEvent | UnsendEvent | FollowEvent


@dataclass(slots=True)
class Sorted:
    """Events of a delivery by what is to be done with them; each with the id of its connected channel."""

    messages: dict[tuple[int, str, str], MessageEvent] = field(default_factory=dict)
    unsends: dict[tuple[int, str, str], UnsendEvent] = field(default_factory=dict)
    follows: dict[PersonKey, FollowEvent] = field(default_factory=dict)
    strays: list[tuple[int | None, StrayEvent]] = field(default_factory=list)


def effective_time(platform_at: dt.datetime | None, received_at: dt.datetime) -> dt.datetime:
    """Platform time, or received time where the platform's is missing, over 5 minutes ahead, or before 2010."""
    if platform_at is None or platform_at > received_at + FUTURE_TOLERANCE or platform_at < OLDEST_BELIEVED:
        return received_at
    return platform_at


def delivery_take(*, platform: str, decoded: Any, received_at: dt.datetime, channel_id: int | None = None) -> None:
    """Apply a decoded body, or keep it whole for replay where applying it fails; commits or raises.

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
            if isinstance(error, OperationalError):
                raise
            failed: Exception = error
        except InterfaceError:
            raise
        except Exception as error:
            failed = error
        logger.error("a delivery of %s could not be applied and is kept whole: %s", platform, trace(failed))
        break
    whole = StrayEvent(account_id="", raw=decoded, reason="failed")
    with transaction.atomic():
        _keep_strays(platform, [(channel_id, whole)], received_at)


def _worth_another_try(error: Exception) -> bool:
    """Deadlock, serialisation, or a row that somebody else inserted first."""
    return getattr(error.__cause__, "sqlstate", None) in ("40P01", "40001", "23505", "23503")


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
    with transaction.atomic():
        channels = _channels(platform, {event.account_id for event in events}, channel_id)
        parts = _sort(events, channels, received_at)
        by_id = {channel.pk: channel for channel in channels.values()}
        new_identities: list[int] = []
        if parts.messages or parts.unsends or parts.follows:
            new_identities = _apply(parts, by_id, received_at)
        if parts.strays:
            _keep_strays(platform, parts.strays, received_at)
        if parts.messages or parts.unsends:
            transaction.on_commit(live.bump, robust=True)
        transaction.on_commit(lambda: event_seen(by_id, received_at), robust=True)
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


def _sort(events: Sequence[AnyEvent], channels: Mapping[str, Channel], received_at: dt.datetime) -> Sorted:
    parts = Sorted()
    for event in events:
        channel = channels.get(event.account_id)
        if isinstance(event, StrayEvent):
            parts.strays.append((channel.pk if channel else None, event))
        elif isinstance(event, IgnoredEvent):
            continue
        elif channel is None:
            parts.strays.append((None, _stray(event, "not_connected")))
        elif not 0 < len(event.person_id) <= MAX_ID or storable(event.person_id) != event.person_id:
            parts.strays.append((channel.pk, _stray(event, "unreadable")))
        elif isinstance(event, FollowEvent):
            key = (channel.pk, event.person_id)
            known = parts.follows.get(key)
            at = effective_time(event.sent_at, received_at)
            if known is None or at > effective_time(known.sent_at, received_at):
                parts.follows[key] = event
        elif not 0 < len(event.platform_id) <= MAX_ID or storable(event.platform_id) != event.platform_id:
            parts.strays.append((channel.pk, _stray(event, "unreadable")))
        elif isinstance(event, UnsendEvent):
            parts.unsends.setdefault((channel.pk, event.person_id, event.platform_id), event)
        else:
            parts.messages.setdefault((channel.pk, event.person_id, event.platform_id), event)
    return parts


def _stray(event: Keyed, reason: str) -> StrayEvent:
    """The event as a stray, with the ids by which an unsend finds it (rule 11)."""
    return StrayEvent(
        account_id=event.account_id,
        raw=event.raw,
        reason=reason,
        kind=type(event).__name__,
        person_id=event.person_id,
        platform_id="" if isinstance(event, FollowEvent) else event.platform_id,
    )


def _apply(parts: Sorted, channels: Mapping[int, Channel], received_at: dt.datetime) -> list[int]:
    """Messages, follows and unsends in dependency order. Answers the ids of new identities."""
    if parts.follows:
        _mark_follows(parts.follows, received_at)
    makers = {(channel_id, person_id) for channel_id, person_id, _ in parts.messages}
    makers |= {key for key, event in parts.follows.items() if event.following and channels[key[0]].follow_makes_contact}
    onlookers = {(channel_id, person_id) for channel_id, person_id, _ in parts.unsends} | set(parts.follows)
    people, new = people_upsert(channels=channels, keys=makers, known_only=onlookers - makers)
    if parts.unsends:
        _unsend(parts.unsends, people, received_at)
    if parts.messages:
        _store(parts.messages, people, received_at)
    if parts.follows or new:
        _apply_marks(people)
    return new


def _store(
    messages: Mapping[tuple[int, str, str], MessageEvent],
    people: Mapping[PersonKey, Person],
    received_at: dt.datetime,
) -> None:
    graves = _tombstones(messages)
    incoming: dict[tuple[int, str], tuple[tuple[int, str, str], Incoming]] = {}
    for key, event in messages.items():
        unsent_at = graves.get(key)
        identity_id = people[key[0], key[1]].identity_id
        incoming[identity_id, event.platform_id] = (
            key,
            Incoming(
                identity_id=identity_id,
                platform_id=event.platform_id,
                direction=event.direction,
                kind=event.kind,
                text="" if unsent_at else storable(event.text),
                sent_at=effective_time(event.sent_at, received_at),
                platform_at=event.sent_at,
                received_at=received_at,
                reply_to="" if unsent_at else storable(event.reply_to)[:MAX_ID],
                attachments=[] if unsent_at else [_attachment(one) for one in event.attachments],
                unsent_at=unsent_at,
            ),
        )
    new = messages_store(messages=[message for _, message in incoming.values()])
    if not new:
        return
    seen: dict[int, Seen] = {}
    for message in new:
        span = seen.get(message.identity_id, Seen(message.sent_at, message.sent_at))
        seen[message.identity_id] = Seen(min(span.first, message.sent_at), max(span.last, message.sent_at))
    interactions_roll_up(seen=seen, people=people.values())
    raw = [incoming[message.identity_id, message.platform_id][0] for message in new if message.unsent_at is None]
    models.RawEvent.objects.bulk_create(
        [
            models.RawEvent(
                channel_id=key[0],
                person_id=key[1],
                platform_id=key[2],
                body=json.dumps(messages[key].raw),
                received_at=received_at,
            )
            for key in raw
        ]
    )


def _attachment(attachment: Any) -> dict[str, Any]:
    """Only what is set, safe for jsonb."""
    values = dataclasses.asdict(attachment)
    return {name: storable_json(value) for name, value in values.items() if value not in ("", None)}


def _unsend(
    unsends: Mapping[tuple[int, str, str], UnsendEvent],
    people: Mapping[PersonKey, Person],
    received_at: dt.datetime,
) -> None:
    """Rule 11: blank the message, drop its raw event and strays, and leave a tombstone for one still to come."""
    ordered = sorted(unsends)
    models.Mark.objects.bulk_create(
        [
            models.Mark(
                channel_id=key[0],
                person_id=key[1],
                platform_id=key[2],
                kind=models.Mark.Kind.UNSEND,
                at=effective_time(unsends[key].sent_at, received_at),
            )
            for key in ordered
        ],
        ignore_conflicts=True,
    )
    messages_unsend(
        unsent=[
            Unsent(people[key[:2]].identity_id, key[2], effective_time(event.sent_at, received_at))
            for key, event in unsends.items()
            if key[:2] in people
        ]
    )
    with connection.cursor() as cursor:
        for table in ("channels_ingest_rawevent", "channels_ingest_strayevent"):
            cursor.execute(
                f"""
                DELETE FROM {table} e
                USING unnest(%s::integer[], %s::text[], %s::text[]) AS v(channel_id, person_id, platform_id)
                WHERE e.channel_id = v.channel_id AND e.platform_id = v.platform_id
                  AND (e.person_id = v.person_id OR e.person_id = '')
                """,
                [[key[0] for key in ordered], [key[1] for key in ordered], [key[2] for key in ordered]],
            )


def _tombstones(
    messages: Mapping[tuple[int, str, str], MessageEvent],
) -> dict[tuple[int, str, str], dt.datetime]:
    keys = list(messages)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.channel_id, t.person_id, t.platform_id, t.at FROM channels_ingest_mark t
            JOIN unnest(%s::integer[], %s::text[], %s::text[]) AS v(channel_id, person_id, platform_id)
            USING (channel_id, person_id, platform_id)
            WHERE t.kind = 'unsend'
            """,
            [[key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]],
        )
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}


def _mark_follows(follows: Mapping[PersonKey, FollowEvent], received_at: dt.datetime) -> None:
    ordered = sorted(follows)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO channels_ingest_mark AS f (channel_id, person_id, kind, value, at)
            SELECT channel_id, person_id, 'follow', jsonb_build_object('following', following), at
            FROM unnest(%s::integer[], %s::text[], %s::boolean[], %s::timestamptz[])
                AS v(channel_id, person_id, following, at)
            ON CONFLICT (channel_id, person_id, platform_id, kind)
            DO UPDATE SET value = excluded.value, at = excluded.at
            WHERE f.at < excluded.at
            """,
            [
                [key[0] for key in ordered],
                [key[1] for key in ordered],
                [follows[key].following for key in ordered],
                [effective_time(follows[key].sent_at, received_at) for key in ordered],
            ],
        )


def _apply_marks(people: Mapping[PersonKey, Person]) -> None:
    """Bring follow marks to the identities at hand, so that a follow may come before the first message."""
    keys = list(people)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.channel_id, f.person_id, (f.value ->> 'following')::boolean, f.at FROM channels_ingest_mark f
            JOIN unnest(%s::integer[], %s::text[]) AS v(channel_id, person_id) USING (channel_id, person_id)
            WHERE f.platform_id = '' AND f.kind = 'follow'
            """,
            [[key[0] for key in keys], [key[1] for key in keys]],
        )
        rows = cursor.fetchall()
    if rows:
        follows_apply(
            changes={people[row[0], row[1]].identity_id: FollowChange(following=row[2], at=row[3]) for row in rows}
        )


def _keep_strays(platform: str, strays: Sequence[tuple[int | None, StrayEvent]], received_at: dt.datetime) -> None:
    rows: dict[str, models.StrayEvent] = {}
    for channel_id, event in strays:
        body = json.dumps(event.raw)
        digest = hashlib.sha256(f"{platform}\n{event.account_id!r}\n{_stable(event.raw)}".encode()).hexdigest()
        rows[digest] = models.StrayEvent(
            channel_id=channel_id,
            platform=platform,
            account_id=storable(event.account_id)[:MAX_ID],
            person_id=storable(event.person_id)[:MAX_ID],
            platform_id=storable(event.platform_id)[:MAX_ID],
            reason=event.reason,
            kind=storable(event.kind)[:64],
            body=body,
            digest=digest,
            received_at=received_at,
        )
    models.StrayEvent.objects.bulk_create([rows[digest] for digest in sorted(rows)], ignore_conflicts=True)


def _stable(raw: Any) -> str:
    """What stays the same when a platform delivers an event again: LINE only turns `isRedelivery` to true."""
    return json.dumps(raw, sort_keys=True, default=str).replace('"isRedelivery": true', '"isRedelivery": false')
