"""Turns parsed events into the plain outcomes that the expectation tables hold."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from channels_ingest.platforms.base import (
    AnyEvent,
    FollowEvent,
    IgnoredEvent,
    MessageEvent,
    StrayEvent,
    UnsendEvent,
)

Outcome = dict[str, Any]


def iso_ms(moment: dt.datetime | None) -> str | None:
    """`2026-10-04T03:12:45.678Z`."""
    return None if moment is None else moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def text_digest(text: str) -> str:
    """First 16 hex digits of SHA-256 and the length: other projects' texts are not copied here."""
    return f"{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}:{len(text)}" if text else ""


def short(attachment: Any) -> dict[str, Any]:
    """An attachment's fields that say something."""
    return {key: value for key, value in asdict(attachment).items() if value not in ("", None)}


def outcome(events: Iterable[AnyEvent], text: Callable[[str], str], *, full: bool) -> Outcome:
    """All outcomes of a body; `text` shows a text, `full` adds what the project's own fixtures assert."""
    result: Outcome = {"messages": [], "unsends": [], "follows": [], "strays": [], "ignored": 0}
    for event in events:
        if isinstance(event, MessageEvent):
            result["messages"].append(_message(event, text, full=full))
        elif isinstance(event, UnsendEvent):
            result["unsends"].append(
                _about(event) | {"platform_id": event.platform_id, "sent_at": iso_ms(event.sent_at)}
            )
        elif isinstance(event, FollowEvent):
            result["follows"].append(_about(event) | {"following": event.following, "sent_at": iso_ms(event.sent_at)})
        elif isinstance(event, StrayEvent):
            result["strays"].append({"account": event.account_id, "reason": event.reason, "kind": event.kind})
        elif isinstance(event, IgnoredEvent):
            result["ignored"] += 1
    return result


def _about(event: MessageEvent | UnsendEvent | FollowEvent) -> Outcome:
    return {"account": event.account_id, "person": event.person_id}


def _message(event: MessageEvent, text: Callable[[str], str], *, full: bool) -> Outcome:
    row = _about(event) | {
        "platform_id": event.platform_id,
        "kind": event.kind,
        "text": text(event.text),
        "direction": event.direction,
        "sent_at": iso_ms(event.sent_at),
        "attachments": [attachment.kind for attachment in event.attachments],
    }
    if full:
        row["attachments"] = [short(attachment) for attachment in event.attachments]
        row |= {name: getattr(event, name) for name in ("reply_to", "app_id", "metadata", "payload")}
    return row
