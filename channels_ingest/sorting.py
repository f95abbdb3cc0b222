"""Events of a delivery, sorted by what is to be done with them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contacts.models import Channel
from contacts.services import PersonKey
from saifa_crm.lib.safe_text import storable

from .facts import Fact, FactKey, Kind, Said, facts_of, greatest
from .marks import MessageKey
from .platforms.events import AnyEvent, FollowEvent, IgnoredEvent, MessageEvent, NoticeEvent, PersonEvent, StrayEvent

MAX_ID = 255
MAY_BE_ABOUT_NOTHING = frozenset({"FollowEvent", "OriginEvent", "ControlEvent", "ReceiptEvent"})  # no platform id


@dataclass(slots=True)
class Sorted:
    """Messages and facts by key, notices and strays with the id of their connected channel."""

    messages: dict[MessageKey, MessageEvent] = field(default_factory=dict)
    facts: dict[FactKey, Fact] = field(default_factory=dict)
    notices: list[tuple[int, NoticeEvent]] = field(default_factory=list)
    strays: list[tuple[int | None, StrayEvent]] = field(default_factory=list)

    @property
    def unsent(self) -> list[MessageKey]:
        return [fact.key[:3] for fact in self.facts.values() if fact.kind == Kind.UNSEND]

    def makers(self, channels: Mapping[int, Channel]) -> set[PersonKey]:
        """People who become contacts by this delivery: who speak, and new friends where the channel wants them."""
        friends = {
            fact.key[:2]
            for fact in self.facts.values()
            if fact.kind == Kind.FOLLOW and fact.value["following"] and channels[fact.channel_id].follow_makes_contact
        }
        return {key[:2] for key in self.messages} | friends

    def counts(self) -> dict[int, tuple[int, int]]:
        """Events applied and strays, by channel."""
        applied = Counter(channel for channel, _, _ in self.messages)
        applied.update(channel for channel, _ in self.notices)
        applied.update(fact.channel_id for fact in self.facts.values())
        strays = Counter(channel for channel, _ in self.strays if channel is not None)
        return {channel: (applied[channel], strays[channel]) for channel in applied | strays}

    def onlookers(self) -> set[PersonKey]:
        """People about whom something is told."""
        return {key[:2] for key in self.facts}


def sort_events(events: Sequence[AnyEvent], channels: Mapping[str, Channel], received_at: dt.datetime) -> Sorted:
    """Sort by account id → connected channel; what cannot be applied becomes a stray. The first of a message wins."""
    parts = Sorted()
    facts: list[Fact] = []
    for event in events:
        if isinstance(event, IgnoredEvent):
            continue
        channel = channels.get(event.account_id)
        if isinstance(event, StrayEvent):
            parts.strays.append((channel.pk if channel else None, event))
        elif channel is None:
            parts.strays.append((None, as_stray(event, "not_connected")))
        elif not _usable(event):
            parts.strays.append((channel.pk, as_stray(event, "unreadable")))
        elif isinstance(event, NoticeEvent):
            parts.notices.append((channel.pk, event))
        else:
            if isinstance(event, MessageEvent):
                parts.messages.setdefault((channel.pk, event.person_id, event.platform_id), event)
            facts += facts_of(event, Said(channel.pk, event.person_id, received_at))
    parts.facts = greatest(facts)
    return parts


def _usable(event: PersonEvent | NoticeEvent) -> bool:
    """Whether its ids fit their columns."""
    if not isinstance(event, NoticeEvent) and not is_id(event.person_id):
        return False
    about = getattr(event, "platform_id", "")
    return is_id(about) or (not about and type(event).__name__ in MAY_BE_ABOUT_NOTHING)


def is_id(value: str) -> bool:
    return 0 < len(value) <= MAX_ID and storable(value) == value


def as_stray(event: PersonEvent | NoticeEvent, reason: str) -> StrayEvent:
    """The event as a stray, with the ids by which an unsend finds it (rule 11)."""
    return StrayEvent(
        account_id=event.account_id,
        raw=event.raw,
        reason=reason,
        kind=type(event).__name__,
        person_id="" if isinstance(event, NoticeEvent) else event.person_id,
        platform_id="" if isinstance(event, FollowEvent) else getattr(event, "platform_id", ""),
    )
