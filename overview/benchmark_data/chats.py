"""A chat of the benchmark shop: its messages as COPY lines, and the roll-up that the inbox would keep of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inbox.ingest import PREVIEW_LENGTH, UNREAD_CAP

from .calendar import DAYS, SECONDS, Calendar
from .copy_text import NULL, moment, moment_or_null
from .phrases import Phrases

MESSAGE_COLUMNS: Final = (
    "conversation_id", "platform_id", "direction", "kind", "text", "sent_at", "platform_at", "received_at",
    "delivery_state", "sender_id",
)  # fmt: skip
CONVERSATION_COLUMNS: Final = (
    "id", "identity_id", "status", "is_spam", "assignee_id", "unread", "last_message_at", "last_direction", "last_kind",
    "last_preview", "last_in_at", "read_at", "created_at",
)  # fmt: skip
A_SITTING = 7  # messages
TURNS = ("ioiio", "iooi", "iiooio", "oiio", "ioio", "iiiio")
WAYS = {"i": "in", "o": "out"}


@dataclass(frozen=True, slots=True)
class Chat:
    """What other tables need to know of a chat."""

    first: int
    last: int
    conversation: str  # COPY line


def times(source: random.Random, calendar: Calendar, count: int, first: int, last_day: int) -> list[int]:
    """`count` rising moments from `first` on, in sittings spread up to `last_day`; all before the calendar's end."""
    first_day = (first - calendar.starts[0]) // SECONDS
    sittings = [first]
    if count > A_SITTING:
        days = [calendar.day_between(source, first_day, last_day) for _ in range(count // A_SITTING)]
        sittings += [at for at in (calendar.moment(source, day) for day in days) if at > first]
        sittings.sort()
    each = -(-count // len(sittings))
    made: list[int] = []
    at = 0
    for start in sittings:
        at = max(at + 30, start)
        for _ in range(min(each, count - len(made))):
            made.append(at)
            at += 4 + int(240 * source.random())
    if made[-1] >= calendar.end:
        squeeze = (calendar.end - 60 - first - count) / (made[-1] - first)
        made = [first + place + int((at - first) * squeeze) for place, at in enumerate(made)]
    return made


def make_chat(
    source: random.Random, phrases: Phrases, calendar: Calendar, out: list[str], *, identity_id: int,
    moments: list[int], agent_ids: Sequence[int],
) -> Chat:  # fmt: skip
    """Append the chat's messages to `out`. The conversation has the identity's number."""
    turns = TURNS[int(len(TURNS) * source.random())]
    assignee = NULL
    if source.random() < 0.3:
        assignee = str(agent_ids[int(len(agent_ids) * source.random())])
    inbound: list[int] = []
    way = kind = text = ""
    for place, at in enumerate(moments):
        way = WAYS[turns[place % len(turns)]]
        kind, text = "text", ""
        chance = source.random()
        if chance < 0.05:
            kind = "sticker"
        elif chance < 0.1:
            kind = "image"
        else:
            text = phrases.text(source, way)
        sent = moment(at)
        if way == "in":
            inbound.append(at)
            tail = f"\t\t{NULL}\n"
        else:
            tail = f"\tsent\t{assignee}\n"
        out.append(f"{identity_id}\tm_{identity_id:07}.{place:04}\t{way}\t{kind}\t{text}\t{sent}\t{sent}\t{sent}{tail}")
    last = moments[-1]
    age = calendar.end - last
    read_at = _read_at(source, moments, age)
    unread = sum(at > read_at for at in inbound) if read_at is not None else len(inbound)
    status = "open"
    if not unread and age > SECONDS:
        status = "closed" if source.random() < 0.7 else "follow_up" if source.random() < 0.1 else "open"
    conversation = (
        f"{identity_id}\t{identity_id}\t{status}\t{'t' if source.random() < 0.005 else 'f'}\t{assignee}"
        f"\t{min(unread, UNREAD_CAP)}\t{moment(last)}\t{way}\t{kind}\t{text[:PREVIEW_LENGTH]}"
        f"\t{moment_or_null(inbound[-1] if inbound else None)}\t{moment_or_null(read_at)}\t{moment(moments[0])}\n"
    )
    return Chat(moments[0], last, conversation)


def _read_at(source: random.Random, moments: list[int], age: int) -> int | None:
    """Up to when staff have seen the chat: nearly all of the old ones, half of the newest."""
    chance = source.random()
    if chance < (0.97 if age > 3 * SECONDS else 0.5):
        return moments[-1]
    if chance < 0.99 and len(moments) > 2:
        return moments[int(len(moments) * source.random())]
    return None


def last_day_of(source: random.Random, first_day: int) -> int:
    """The last day somebody may write: some wrote once, some for months, some still do."""
    chance = source.random()
    if chance < 0.45:
        return min(first_day + int(4 * source.random()), DAYS - 1)
    if chance < 0.8:
        return min(first_day + int(source.expovariate(1 / 120)), DAYS - 1)
    return DAYS - 1
