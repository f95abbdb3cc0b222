"""What happens beside the messages of a LINE chat, and to the official account (PROTOCOLS 3.4, 3.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._stray import Stray, unreadable
from ._values import digest, first_id, identifier, label, moment, shortened, string
from .events import AnyEvent, ControlEvent, HappeningEvent, IgnoredEvent, NoticeEvent

ABOUT_ACCOUNT = frozenset({"botSuspended", "botResumed", "module", "delivery"})  # most name no source
MAX_DETAIL = 500  # characters, Notice.detail


def about_account(account: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    """Suspended, resumed, module attached or detached: notices. `delivery` tells of a notification by phone number."""
    kind = event["type"]
    if kind == "delivery":  # not of a message in any chat
        return IgnoredEvent(account, raw, "notification")
    detail = ""
    if kind == "module":
        module = _content(event)
        kind = label("module_", _word(module, "module"))
        detail = shortened(module.get("reason")) or first_id(module.get("botId"))
    sent_at = moment(event.get("timestamp"))
    key = identifier(event.get("webhookEventId")) or digest(account, kind, sent_at)
    return NoticeEvent(account, raw, key, kind, sent_at, detail, serious=kind == "botSuspended")


def _account_link(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    """`ok` or `failed`; the nonce is a secret between LINE and the shop's own sign-in, and is not kept."""
    result = _content(event, "link").get("result")
    if result == "failed":
        return IgnoredEvent(account, raw, "link_failed")
    if result != "ok":
        raise unreadable("accountLink")
    return _happening(account, person, event, raw, "account_linked")


def _membership(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    """A paid membership joined, left or renewed."""
    membership = _content(event)
    word = _word(membership, "membership")
    if word not in ("joined", "left", "renewed"):
        raise Stray("unknown_kind", label("membership.", word))
    return _happening(account, person, event, raw, "membership_" + word, first_id(membership.get("membershipId")))


def _video_played(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    """A video of the shop's was watched to its end."""
    tracking_id = shortened(_content(event).get("trackingId"))
    return _happening(account, person, event, raw, "video_played", tracking_id)


def _beacon(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    """Came near one, or tapped its banner. `stay` repeats at least every ten seconds, `leave` was withdrawn."""
    beacon = _content(event)
    word = _word(beacon, "beacon")
    if word == "stay":
        return IgnoredEvent(account, raw, "repeats")
    if word == "leave":
        return IgnoredEvent(account, raw, "retired")
    if word not in ("enter", "banner"):
        raise Stray("unknown_kind", label("beacon.", word))
    return _happening(account, person, event, raw, "beacon", f"{word} {first_id(beacon.get('hwid'))}".strip())


def _control(account: str, person: str, event: dict[str, Any], raw: Any) -> AnyEvent:
    """Which module channel speaks for the account in this chat: this one, or another."""
    return ControlEvent(account, raw, person, event["type"] == "activated", moment(event.get("timestamp")))


def _content(event: dict[str, Any], name: str = "") -> dict[str, Any]:
    content = event.get(name or event["type"])
    if not isinstance(content, dict):
        raise unreadable(label(event["type"]))
    return content


def _word(content: dict[str, Any], kind: str) -> str:
    word = string(content.get("type"))
    if not word:
        raise unreadable(kind)
    return word


def _happening(
    account: str, person: str, event: dict[str, Any], raw: Any, kind: str, detail: str = ""
) -> HappeningEvent:
    sent_at = moment(event.get("timestamp"))
    key = identifier(event.get("webhookEventId")) or digest(account, person, sent_at, kind, detail)
    return HappeningEvent(account, raw, person, key, kind, sent_at, detail)


READERS: Mapping[str, Callable[[str, str, dict[str, Any], Any], AnyEvent]] = {
    "accountLink": _account_link,
    "membership": _membership,
    "videoPlayComplete": _video_played,
    "beacon": _beacon,
    "activated": _control,
    "deactivated": _control,
}
