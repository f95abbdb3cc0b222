"""Turns parsed events into the plain outcomes that the expectation tables hold."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from typing import Any

from channels_ingest.platforms.events import (
    AnyEvent,
    ControlEvent,
    EditEvent,
    FollowEvent,
    HappeningEvent,
    IgnoredEvent,
    MessageEvent,
    NoticeEvent,
    Origin,
    OriginEvent,
    ReactionEvent,
    ReceiptEvent,
    StrayEvent,
    UnsendEvent,
)

Outcome = dict[str, Any]
PLACES: dict[type, str] = {
    UnsendEvent: "unsends",
    FollowEvent: "follows",
    EditEvent: "edits",
    ReactionEvent: "reactions",
    ReceiptEvent: "receipts",
    OriginEvent: "origins",
    ControlEvent: "controls",
    HappeningEvent: "happenings",
    NoticeEvent: "notices",
}


def iso_ms(moment: dt.datetime | None) -> str | None:
    """`2026-10-04T03:12:45.678Z`."""
    return None if moment is None else moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def text_digest(text: str) -> str:
    """First 16 hex digits of SHA-256 and the length: other projects' texts are not copied here."""
    return f"{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}:{len(text)}" if text else ""


def short(value: Any) -> dict[str, Any]:
    """The fields of an attachment or origin that say something."""
    return {key: one for key, one in asdict(value).items() if one not in ("", None)}


def outcome(events: Iterable[AnyEvent], text: Callable[[str], str], *, full: bool) -> Outcome:
    """All outcomes of a body; `text` shows a text, `full` adds what the project's own fixtures assert.

    Rows beside messages, unsends, follows and strays stand under their kind only where there are any.
    """
    result: Outcome = {"messages": [], "unsends": [], "follows": [], "strays": [], "ignored": 0}
    for event in events:
        if isinstance(event, MessageEvent):
            result["messages"].append(_message(event, text, full=full))
        elif isinstance(event, StrayEvent):
            result["strays"].append({"account": event.account_id, "reason": event.reason, "kind": event.kind})
        elif isinstance(event, IgnoredEvent):
            result["ignored"] += 1
            if full and event.reason != "verification":
                result.setdefault("ignored_as", []).append(event.reason)
        else:
            result.setdefault(PLACES[type(event)], []).append(_row(event, text))
    return result


def _row(event: AnyEvent, text: Callable[[str], str]) -> Outcome:
    """Every field of an event but its raw body; a text is shown as `text` shows it."""
    row: Outcome = {}
    for field in fields(event):
        name, value = field.name, getattr(event, field.name)
        if name == "text" or (name == "detail" and not isinstance(event, HappeningEvent)):
            value = text(value)
        elif isinstance(value, dt.datetime):
            value = iso_ms(value)
        elif isinstance(value, Origin):
            value = short(value)
        if name != "raw":
            row[{"account_id": "account", "person_id": "person"}.get(name, name)] = value
    return row


def _message(event: MessageEvent, text: Callable[[str], str], *, full: bool) -> Outcome:
    row: Outcome = {
        "account": event.account_id,
        "person": event.person_id,
        "platform_id": event.platform_id,
        "kind": event.kind,
        "text": text(event.text),
        "direction": event.direction,
        "sent_at": iso_ms(event.sent_at),
        "attachments": [attachment.kind for attachment in event.attachments],
    }
    if event.origin is not None:
        row["origin"] = short(event.origin)
    if event.profile is not None:
        row["profile"] = short(event.profile) if full else text(event.profile.name)
    if event.phone:
        row["phone"] = event.phone
    if full:
        row["attachments"] = [short(attachment) for attachment in event.attachments]
        row |= {name: getattr(event, name) for name in ("reply_to", "app_id", "metadata", "payload")}
    return row
