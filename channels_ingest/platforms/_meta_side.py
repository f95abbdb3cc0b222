"""What happens beside the messages of a Messenger or Instagram chat, and to the account (PROTOCOLS 1.5, 2.4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ._meta_item import Item
from ._stray import unreadable
from ._values import MAX_NUMBER, count, digest, first_id, identifier, label, moment, shortened, string
from .events import (
    AnyEvent,
    ControlEvent,
    EditEvent,
    HappeningEvent,
    IgnoredEvent,
    NoticeEvent,
    ReactionEvent,
    ReceiptEvent,
)

# `reaction` where `emoji` is missing; one that says no more than "other" becomes a neutral sign.
EMOJI = {"smile": "😆", "angry": "😠", "sad": "😢", "wow": "😮", "love": "❤️", "like": "👍", "dislike": "👎"}
NEUTRAL_EMOJI = "💬"
MAX_EMOJI = 32  # characters, Message.reaction
MAX_DETAIL = 500  # characters, Notice.detail


def edit(item: Item) -> AnyEvent:
    """New words of a message; `num_edit` counts the changes."""
    content = item.content()
    person, mid, text = item.customer(), _mid(item, content), content.get("text")
    if not isinstance(text, str):
        raise unreadable(item.kind)
    number = content.get("num_edit")
    if isinstance(number, str) and number.isdecimal() and len(number) < 10:
        number = int(number)
    return EditEvent(item.account, item.raw, person, mid, text, min(count(number) or 0, MAX_NUMBER), item.sent_at)


def reaction(item: Item) -> AnyEvent:
    """Given or taken back. One of the shop's own changes nothing here."""
    content = item.content()
    person, mid, action = item.customer(), _mid(item, content), content.get("action")
    if item.by_account():
        return IgnoredEvent(item.account, item.raw, "own")
    if action not in ("react", "unreact"):
        raise unreadable(item.kind)
    emoji = ""
    if action == "react":
        word = string(content.get("reaction"))
        emoji = shortened(content.get("emoji"), MAX_EMOJI).strip() or EMOJI.get(word, NEUTRAL_EMOJI)
    return ReactionEvent(item.account, item.raw, person, mid, emoji, item.sent_at)


def read(item: Item) -> AnyEvent:
    """Messenger's `watermark`; Instagram names a message, and by then all sent before has been seen too."""
    content = item.content()
    person = item.customer()
    if item.by_account():
        return IgnoredEvent(item.account, item.raw, "own")
    upto = moment(content.get("watermark"))
    mid = identifier(content.get("mid")) or ""
    if upto is None and mid:
        upto = item.sent_at
    return _receipt(item, person, "read", upto, mid)


def delivery(item: Item) -> AnyEvent:
    """`watermark` is always there, `mids` sometimes, `timestamp` not always."""
    content = item.content()
    person = item.customer()
    if item.by_account():
        return IgnoredEvent(item.account, item.raw, "own")
    mids = content.get("mids")
    only = identifier(mids[0]) if isinstance(mids, list) and len(mids) == 1 else None
    return _receipt(item, person, "delivered", moment(content.get("watermark")), only or "")


def _receipt(item: Item, person: str, state: str, upto: dt.datetime | None, mid: str) -> AnyEvent:
    if upto is None and not mid:
        raise unreadable(item.kind)
    return ReceiptEvent(item.account, item.raw, person, state, item.sent_at, upto=upto, platform_id="" if upto else mid)


def account_linking(item: Item) -> AnyEvent:
    """The authorization code of a linking is a secret and is not kept."""
    status = item.content().get("status")
    if status not in ("linked", "unlinked"):
        raise unreadable(item.kind)
    return _happening(item, f"account_{status}")


def feedback(item: Item) -> AnyEvent:
    """Thumbs up or down under an automatic answer; a changed mind counts again."""
    content = item.content()
    word = shortened(content.get("feedback"))
    return _happening(item, "feedback", word, _mid(item, content), word)


def control_requested(item: Item) -> AnyEvent:
    """Another app asks for the chat."""
    return _happening(item, "control_requested", first_id(item.content().get("requested_owner_app_id")))


def control(item: Item) -> AnyEvent:
    """Passed: the chat came to this app. Taken: another app has it now, and this one stands by."""
    item.content()
    return ControlEvent(item.account, item.raw, item.customer(), item.kind == "pass_thread_control", item.sent_at)


def app_roles(item: Item) -> AnyEvent:
    """Which role each app has for the page: `{"771": ["automation"]}`."""
    roles = item.content()
    known = {app: filter(None, map(string, names)) for app, names in roles.items() if isinstance(names, list)}
    told = [f"{app}: {', '.join(names)}" for app, names in known.items()]
    return _notice(item, "app_roles", "; ".join(told))


def policy(item: Item) -> AnyEvent:
    """A warning, a block of the page, or its end. The old spelling has a hyphen."""
    content = item.content()
    action = content.get("action")
    if not isinstance(action, str) or not action:
        raise unreadable(item.kind)
    return _notice(item, label("policy_", action), string(content.get("reason")), serious=action == "block")


def _mid(item: Item, content: dict[str, Any]) -> str:
    mid = identifier(content.get("mid"))
    if mid is None:
        raise unreadable(item.kind)
    return mid


def _happening(item: Item, kind: str, detail: str = "", *about: str) -> HappeningEvent:
    """Once: by person and time, or by what it is about where that says more (PROTOCOLS 1.5, dedupe key)."""
    person = item.customer()
    key = digest(item.account, person, kind, *(about or (item.sent_at, detail)))
    return HappeningEvent(item.account, item.raw, person, key, kind, item.sent_at, detail)


def _notice(item: Item, kind: str, detail: str, *, serious: bool = False) -> NoticeEvent:
    """Names nobody; once by its time, and by its words where it has none."""
    detail = shortened(detail, MAX_DETAIL)
    key = digest(item.account, kind, item.sent_at or detail)
    return NoticeEvent(item.account, item.raw, key, kind, item.sent_at, detail, serious)
