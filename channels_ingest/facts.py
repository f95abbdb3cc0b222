"""What events say beside messages, as facts that merge the same way in whatever order they come.

A fact is about a message (`platform_id`) or about a person (empty). Of two facts with one key the greater by
(rank, at, value) counts, so that late, doubled and split deliveries end in the same state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

from saifa_crm.lib.safe_text import storable

from .models import Mark
from .platforms.events import (
    ControlEvent,
    EditEvent,
    Event,
    FollowEvent,
    HappeningEvent,
    MessageEvent,
    Origin,
    OriginEvent,
    ReactionEvent,
    ReceiptEvent,
    UnsendEvent,
)
from .times import OLDEST_BELIEVED, effective_time

Kind = Mark.Kind
FactKey = tuple[int, str, str, str]  # channel id, person id, platform id, kind

# A receipt never goes back; a message that failed may still turn out to have arrived.
RECEIPT_RANKS = {"sent": 1, "failed": 2, "delivered": 3, "read": 4}
ABOUT_MESSAGES = frozenset({Kind.UNSEND, Kind.EDIT, Kind.REACTION, Kind.RECEIPT})
ABOUT_CONVERSATIONS = frozenset({Kind.DELIVERED, Kind.SEEN, Kind.CONTROL})
PERMANENT = frozenset({Kind.FOLLOW, Kind.UNSEND})
TIED_BY = ("text", "emoji", "ref")
MAX_EMOJI = 32
MAX_TITLE = MAX_REF = 255


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; `at` is an effective time, `value` holds only what a jsonb column can."""

    channel_id: int
    person_id: str
    platform_id: str
    kind: str
    at: dt.datetime
    rank: int = 0
    value: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> FactKey:
        return (self.channel_id, self.person_id, self.platform_id, self.kind)

    @property
    def weight(self) -> tuple[int, dt.datetime, str]:
        """What decides between two facts of one key; the last part as the database compares it (marks_write)."""
        tie = next((self.value[name] for name in TIED_BY if self.value.get(name) is not None), "")
        return (self.rank, self.at, tie)


@dataclass(frozen=True, slots=True)
class Said:
    """Where and when an event was said: what every fact of it shares."""

    channel_id: int
    person_id: str
    received_at: dt.datetime

    def fact(self, kind: str, at: dt.datetime | None, platform_id: str = "", rank: int = 0, **value: Any) -> Fact:
        at = effective_time(at, self.received_at)
        return Fact(self.channel_id, self.person_id, platform_id, kind, at, rank, value)


def greatest(facts: Iterable[Fact]) -> dict[FactKey, Fact]:
    """The fact that counts of each key."""
    found: dict[FactKey, Fact] = {}
    for fact in facts:
        known = found.get(fact.key)
        if known is None or fact.weight > known.weight:
            found[fact.key] = fact
    return found


@singledispatch
def facts_of(event: Event, said: Said) -> Iterator[Fact]:
    """The facts of one event."""
    yield from ()


@facts_of.register
def _(event: UnsendEvent, said: Said) -> Iterator[Fact]:
    yield said.fact(Kind.UNSEND, event.sent_at, event.platform_id)


@facts_of.register
def _(event: EditEvent, said: Said) -> Iterator[Fact]:
    text = storable(event.text)
    yield said.fact(Kind.EDIT, event.sent_at, event.platform_id, rank=event.number, text=text)


@facts_of.register
def _(event: ReactionEvent, said: Said) -> Iterator[Fact]:
    emoji = storable(event.emoji)[:MAX_EMOJI]
    yield said.fact(Kind.REACTION, event.sent_at, event.platform_id, emoji=emoji)


@facts_of.register
def _(event: ReceiptEvent, said: Said) -> Iterator[Fact]:
    if event.platform_id:
        rank, error = RECEIPT_RANKS[event.state], storable(event.error)[:64]
        yield said.fact(Kind.RECEIPT, event.sent_at, event.platform_id, rank=rank, state=event.state, error=error)
    elif event.upto is not None and event.upto >= OLDEST_BELIEVED:
        yield said.fact(Kind.SEEN if event.state == "read" else Kind.DELIVERED, event.upto)


@facts_of.register
def _(event: FollowEvent, said: Said) -> Iterator[Fact]:
    yield said.fact(Kind.FOLLOW, event.sent_at, following=event.following)


@facts_of.register
def _(event: ControlEvent, said: Said) -> Iterator[Fact]:
    fact = said.fact(Kind.CONTROL, event.sent_at, ours=event.ours)
    # Each moment is a fact of its own: the stretches between them are what is shown.
    yield replace(fact, platform_id=f"{fact.at.timestamp():.3f}:{int(event.ours)}")


@facts_of.register
def _(event: HappeningEvent, said: Said) -> Iterator[Fact]:
    yield said.fact(
        Kind.HAPPENING, event.sent_at, event.platform_id, verb=event.kind, detail=storable(event.detail)[:MAX_TITLE]
    )


@facts_of.register
def _(event: OriginEvent, said: Said) -> Iterator[Fact]:
    yield from _origin(event.origin, event.sent_at, said)


@facts_of.register
def _(event: MessageEvent, said: Said) -> Iterator[Fact]:
    if event.origin is not None:
        yield from _origin(event.origin, event.sent_at, said)


def _origin(origin: Origin, sent_at: dt.datetime | None, said: Said) -> Iterator[Fact]:
    """The earliest tells where the person came from; each of them is a line of the activity."""
    ref = storable(origin.ref or origin.ad_id)[:MAX_REF]
    title = storable(origin.title)[:MAX_TITLE]
    fact = said.fact(Kind.ORIGIN, sent_at, source=origin.source, ref=ref, title=title)
    yield replace(fact, rank=-round(fact.at.timestamp() * 1000))
    mark = f"origin:{fact.at.timestamp():.3f}:{origin.source}:{ref}"[:255]
    yield said.fact(Kind.HAPPENING, sent_at, mark, verb="came", detail=title or ref or origin.source)
