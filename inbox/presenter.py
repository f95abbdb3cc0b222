"""Messages made ready for templates: what may be shown of each, in which parts, with which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext

from saifa_crm.lib import dates
from saifa_crm.lib.people import short_name

from . import wording
from .keyset import Cursor
from .markers import Marker
from .media_view import Copy, copy_of
from .models import Conversation, DeliveryState, Direction, Kind, Message
from .receipts import delivery_state

_ICONS = {
    "image": "image",
    "video": "video",
    "audio": "mic",
    "file": "clip",
    "sticker": "smile",
    "location": "home",
    "link": "ext",
}
_CAPTIONED = {  # kinds whose words say what was done, with the icon beside them
    Kind.STORY_REPLY: "image",
    Kind.STORY_MENTION: "image",
    Kind.POSTBACK: "check",
    Kind.ORDER: "bag",
    Kind.CONTACT: "users",
}
_TICKS = {DeliveryState.SENT: "check", DeliveryState.DELIVERED: "checks", DeliveryState.READ: "checks"}


@dataclass(frozen=True, slots=True)
class Card:
    """One attachment. `url` is http(s) or empty; pictures are never loaded from outside, only linked."""

    kind: str
    icon: str
    name: str  # ours: "Photo"
    title: str  # theirs: the file's name, the place, the post
    detail: str  # size, duration, coordinates
    badge: str  # "PDF"
    url: str
    link: str  # words of the link
    copy: Copy | None = None  # our own copy of it; None where none is made


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as shown. An unsent one has neither text nor cards, whatever the row still holds."""

    message: Message
    day: dt.date
    new_day: bool
    time: str
    moment: str
    text: str = ""
    caption: str = ""
    caption_url: str = ""
    cards: tuple[Card, ...] = ()
    quote: str | None = None
    unsent: bool = False
    unsupported: bool = False
    author: str = ""
    caption_icon: str = ""
    receipt: str = ""  # a DeliveryState; empty for what the shop did not send
    reaction: str = ""  # the customer's, an emoji
    markers: list[Marker] = field(default_factory=list)  # shown above it

    @property
    def cursor(self) -> Cursor:
        """Its place in the thread, from which an open page asks for what it shows."""
        return Cursor(self.message.sent_at, self.message.pk)

    @property
    def outbound(self) -> bool:
        return self.message.direction == Direction.OUT

    @property
    def is_note(self) -> bool:
        return self.message.direction == Direction.NOTE

    @property
    def failed(self) -> bool:
        return self.message.delivery_state == DeliveryState.FAILED

    @property
    def state(self) -> str:
        """How far a message of the shop has come, in words."""
        return wording.receipt(self.receipt)

    @property
    def tick(self) -> str:
        """The icon beside the state."""
        return _TICKS.get(self.receipt, "")  # type: ignore[call-overload, no-any-return]

    @property
    def seen(self) -> bool:
        return self.receipt == DeliveryState.READ

    @property
    def edited_at(self) -> dt.datetime | None:
        return None if self.unsent else self.message.edited_at


@dataclass(slots=True)
class Thread:
    """Entries in the order given, with the days at both ends, where pages meet."""

    entries: list[Entry] = field(default_factory=list)
    below: list[Marker] = field(default_factory=list)  # shown after the last

    @property
    def first_day(self) -> dt.date | None:
        return self.entries[0].day if self.entries else None

    @property
    def last_day(self) -> dt.date | None:
        return self.entries[-1].day if self.entries else None


def present(
    messages: Sequence[Message],
    quoted: dict[tuple[int, str], Message],
    *,
    after: dt.date | None = None,
    conversation: Conversation | None = None,
    markers: Sequence[Sequence[Marker]] = (),
) -> Thread:
    """Messages in the order to show them; `after` is the day already on the screen before the first.

    `conversation`: that of all the messages, where each does not bring its own along. `markers`: those above each
    message, then those below the last (`markers.placed`).
    """
    thread, shown = Thread(), after
    for place, message in enumerate(messages):
        day = message.sent_at.astimezone(dates.BANGKOK).date()
        entry = _entry(message, conversation or message.conversation, quoted, day, new_day=day != shown)
        entry.markers.extend(markers[place] if markers else ())
        thread.entries.append(entry)
        shown = day
    thread.below.extend(markers[-1] if markers else ())
    return thread


def _entry(
    message: Message,
    conversation: Conversation,
    quoted: dict[tuple[int, str], Message],
    day: dt.date,
    *,
    new_day: bool,
) -> Entry:
    common: dict[str, Any] = {
        "message": message,
        "day": day,
        "new_day": new_day,
        "time": f"{message.sent_at.astimezone(dates.BANGKOK):%H:%M}",
        "moment": dates.format_exact(message.sent_at),
        "author": short_name(message.sender),
    }
    if message.unsent_at is not None:
        return Entry(**common, unsent=True)
    attachments = _attachments(message)
    caption = wording.kind_sent(message.kind) if message.kind in _CAPTIONED else ""
    caption_url = ""
    if message.kind in (Kind.STORY_REPLY, Kind.STORY_MENTION):
        # The story itself is the link of the caption; what else was sent stays a card.
        story = next((place for place, item in reversed(attachments.items()) if item.get("kind") == "link"), None)
        if story is not None:
            caption_url = safe_url(attachments.pop(story).get("url"))
    return Entry(
        **common,
        text=message.text,
        caption=caption,
        caption_icon=_CAPTIONED.get(message.kind, ""),  # type: ignore[call-overload]
        caption_url=caption_url,
        cards=_cards(message, attachments) or _bare_card(message),
        quote=_quote(message, quoted),
        unsupported=message.kind == Kind.UNSUPPORTED,
        receipt=delivery_state(message, conversation),
        reaction=message.reaction,
    )


def _cards(message: Message, attachments: dict[int, dict[str, Any]]) -> tuple[Card, ...]:
    copies = {row.position: row for row in message.media.all()}  # prefetched with the page
    return tuple(
        card(item, copy_of(copies[place], kind=str(item.get("kind"))) if place in copies else None)
        for place, item in attachments.items()
    )


def card(item: dict[str, Any], copy: Copy | None = None) -> Card:
    """An attachment as stored by ingest, read without trust in any of its fields."""
    kind = item.get("kind") if item.get("kind") in _ICONS else ""
    title = _words(item.get("title"))
    url = safe_url(item.get("url"))
    detail, link = (
        [(copy and copy.size) or wording.size(item.get("size")), wording.duration(item.get("duration"))],
        gettext("Open original"),
    )
    if kind == "location" and (place := _coordinates(item)):
        detail.append(place)
        url, link = (
            f"https://www.google.com/maps/search/?api=1&query={place.replace(' ', '')}",
            gettext("Open map"),
        )
    return Card(
        kind=kind or "other",
        icon=_ICONS.get(kind or "", "clip"),
        name=wording.kind_name(kind or ""),
        title=title,
        detail=" · ".join(part for part in detail if part),
        badge=_extension(title) if kind == "file" else "",
        url="" if copy and not copy.keeps_link else url,
        link=link,
        copy=copy,
    )


def safe_url(value: object) -> str:
    """An http(s) URL to link to, or nothing: javascript:, data:, relative and broken ones are not links."""
    if not isinstance(value, str) or not value.isprintable() or " " in value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme in ("http", "https") and parts.netloc else ""


def _attachments(message: Message) -> dict[int, dict[str, Any]]:
    """By their place in the message."""
    stored = message.attachments if isinstance(message.attachments, list) else []
    return {place: item for place, item in enumerate(stored) if isinstance(item, dict)}


def _bare_card(message: Message) -> tuple[Card, ...]:
    """A photo whose attachment did not come along is still a photo."""
    return (card({"kind": message.kind}),) if message.kind in _ICONS else ()


def _quote(message: Message, quoted: dict[tuple[int, str], Message]) -> str | None:
    if not message.reply_to:
        return None
    original = quoted.get((message.conversation_id, message.reply_to))
    if original is None:
        return None
    if original.unsent_at is not None:
        return str(wording.UNSENT)
    return _words(original.text) or wording.kind_sent(original.kind)


def _words(value: object) -> str:
    return " ".join(value.split())[:200] if isinstance(value, str) else ""


def _coordinates(item: dict[str, Any]) -> str:
    latitude, longitude = item.get("latitude"), item.get("longitude")
    for number, limit in ((latitude, 90), (longitude, 180)):
        if isinstance(number, bool) or not isinstance(number, int | float) or not -limit <= number <= limit:
            return ""
    return f"{latitude:.5f}, {longitude:.5f}"


def _extension(title: str) -> str:
    stem, dot, end = title.rpartition(".")
    return end.upper() if stem and dot and end.isascii() and end.isalnum() and len(end) <= 4 else ""
