"""Reads LINE webhook bodies into normalised events (PROTOCOLS 3.4, 3.5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from . import _line_side
from ._stray import Stray, guarded, unreadable
from ._values import (
    coordinate,
    count,
    digest,
    first_id,
    identifier,
    label,
    link,
    mapping,
    moment,
    string,
)
from .events import AnyEvent, Attachment, EditEvent, FollowEvent, IgnoredEvent, MessageEvent, StrayEvent, UnsendEvent

MESSAGE_KINDS = frozenset({"text", "image", "video", "audio", "file", "location", "sticker"})
_DUMMY_TOKEN = re.compile(r"0{8,}|[fF]{8,}")


def parse(body: Any) -> Iterator[AnyEvent]:
    """Events of a body; `raw` of each is the body with that one event. Old bodies name no destination."""
    account = identifier(mapping(body).get("destination")) or ""
    events = mapping(body).get("events")
    if not isinstance(events, list):
        yield StrayEvent(account, body, "unreadable")
        return
    if not events:  # the console's Verify button and LINE's routine checks (PROTOCOLS 3.1)
        yield IgnoredEvent(account, body)
    head = {"destination": account} if account else {}
    for event in events:
        raw = head | {"events": [event]}
        yield guarded(partial(_event, account, event, raw), account, raw, _about(mapping(event)))


def _about(event: dict[str, Any]) -> tuple[str, str]:
    """Person and message id, as far as they can be read: an unsend in a group must find its message."""
    message, unsend = mapping(event.get("message")), mapping(event.get("unsend"))
    return first_id(mapping(event.get("source")).get("userId")), first_id(message.get("id"), unsend.get("messageId"))


def _event(account: str, event: Any, raw: Any) -> AnyEvent:
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise unreadable()
    if _DUMMY_TOKEN.fullmatch(string(event.get("replyToken"))):  # an older form of the check sends dummy events
        return IgnoredEvent(account, raw)
    kind = event["type"]
    source = mapping(event.get("source"))
    origin = source.get("type")
    if origin in ("group", "room") or "groupId" in source or "roomId" in source:
        raise Stray("group", label(kind))
    if kind in _line_side.ABOUT_ACCOUNT:
        return _line_side.about_account(account, event, raw)
    reader = READERS.get(kind)
    if reader is None:
        raise Stray("unknown_kind", label(kind))
    if origin not in (None, "user"):
        raise Stray("unknown_kind", label("source.", origin))
    if source.get("userId") is None:
        raise Stray("no_person", label(kind))
    person = identifier(source["userId"])
    if person is None:
        raise unreadable(label(kind))
    return reader(account, person, event, raw)


def _message(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    message = event.get("message")
    if not isinstance(message, dict):
        raise unreadable("message")
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in MESSAGE_KINDS:
        raise Stray("unknown_kind", label("message." if isinstance(kind, str) else "message", kind))
    platform_id = identifier(message.get("id"))
    text = message.get("text") if kind == "text" else ""
    if platform_id is None or not isinstance(text, str):
        raise unreadable("message." + kind)
    attachment = _attachment(kind, platform_id, message)
    return MessageEvent(
        account,
        raw,
        person_id=person,
        platform_id=platform_id,
        kind=kind,
        direction="in",
        sent_at=moment(event.get("timestamp")),
        text=text,
        attachments=(attachment,) if attachment else (),
        reply_to=identifier(message.get("quotedMessageId")) or "",
    )


def _attachment(kind: str, platform_id: str, message: dict[str, Any]) -> Attachment | None:
    if kind == "text":
        return None
    if kind == "sticker":  # its picture is not in the content API; `text` is what a message sticker says
        return Attachment("sticker", title=string(message.get("text")), platform_ref=first_id(message.get("stickerId")))
    if kind == "location":
        return Attachment(
            "location",
            title=string(message.get("title")),
            address=string(message.get("address")),
            latitude=coordinate(message.get("latitude"), 90),
            longitude=coordinate(message.get("longitude"), 180),
        )
    provider = mapping(message.get("contentProvider"))
    external = provider.get("type") == "external"  # not at LINE: no content to fetch by id (PROTOCOLS 3.7)
    return Attachment(
        kind,
        url=link(provider.get("originalContentUrl")) if external else "",
        title=string(message.get("fileName")),
        platform_ref="" if external else platform_id,
        size=count(message.get("fileSize")),
        duration=count(message.get("duration")),
    )


def _postback(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    postback = event.get("postback")
    if not isinstance(postback, dict) or not isinstance(postback.get("data"), str):
        raise unreadable("postback")
    sent_at = moment(event.get("timestamp"))
    return MessageEvent(
        account,
        raw,
        person_id=person,
        platform_id=identifier(event.get("webhookEventId")) or digest(account, person, sent_at, postback["data"]),
        kind="postback",
        direction="in",
        sent_at=sent_at,
        payload=postback["data"],
    )


def _follow(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    return FollowEvent(account, raw, person, event["type"] == "follow", moment(event.get("timestamp")))


def _unsend(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    platform_id = identifier(mapping(event.get("unsend")).get("messageId"))
    if platform_id is None:
        raise unreadable("unsend")
    return UnsendEvent(account, raw, person, platform_id, moment(event.get("timestamp")))


def _edited(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    """New words of a text. LINE does not count the changes; documented for groups only, read in any chat."""
    message = event.get("message")
    if not isinstance(message, dict):
        raise unreadable("messageEdited")
    if message.get("type") != "text":
        raise Stray("unknown_kind", label("messageEdited.", message.get("type")))
    platform_id, text = identifier(message.get("id")), message.get("text")
    if platform_id is None or not isinstance(text, str):
        raise unreadable("messageEdited")
    return EditEvent(account, raw, person, platform_id, text, 0, moment(event.get("timestamp")))


READERS: Mapping[str, Callable[[str, str, dict[str, Any], Any], AnyEvent]] = {
    "message": _message,
    "messageEdited": _edited,
    "postback": _postback,
    "follow": _follow,
    "unfollow": _follow,
    "unsend": _unsend,
    **_line_side.READERS,
}
