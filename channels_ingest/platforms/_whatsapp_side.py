"""What WhatsApp says beside messages: edits, reactions, receipts, calls and what changed about a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import _whatsapp_content as content
from ._stray import Stray, unreadable
from ._values import digest, first_id, identifier, items, label, mapping, scalars, seconds, shortened, string
from .events import AnyEvent, EditEvent, HappeningEvent, IgnoredEvent, ReactionEvent, ReceiptEvent, UnsendEvent

MAX_EMOJI = 32  # characters, Message.reaction
INBOUND, OUTBOUND = ("from", "from_user_id"), ("to", "to_user_id")
WHO = {
    "messages": INBOUND,
    "message_echoes": OUTBOUND,
    "statuses": ("recipient_id", "recipient_user_id"),
    "user_preferences": ("wa_id", "user_id"),
}
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened at one of our numbers (`account`), with the contacts told beside it."""

    account: str
    raw: Any
    value: dict[str, Any]
    contact: dict[str, Any]


def who(name: str, part: dict[str, Any]) -> tuple[str, ...]:
    """Where an item of this list names the customer: a phone number goes before a business-scoped id."""
    if name == "calls":
        return OUTBOUND if part.get("direction") == "BUSINESS_INITIATED" else INBOUND
    return WHO.get(name, ())


def parties(name: str, part: dict[str, Any]) -> list[str]:
    return [found for key in who(name, part) if (found := identifier(part.get(key)))]


def person_of(name: str, part: dict[str, Any]) -> str:
    """The first id that is there. Usernames hide phone numbers: any of them may be missing or empty."""
    for key in who(name, part):
        if (value := part.get(key)) not in (None, ""):
            if (found := identifier(value)) is None:
                raise unreadable(label(name))
            return found
    raise Stray("no_person", label(name))


def _edit(item: Item, person: str, wamid: str) -> AnyEvent:
    edit = mapping(item.value.get("edit"))
    about, message = identifier(edit.get("original_message_id")), edit.get("message")
    if about is None or not isinstance(message, dict):
        raise unreadable("message.edit")
    text = content.words(message)
    return EditEvent(item.account, item.raw, person, about, text, 0, seconds(item.value.get("timestamp")))


def _revoke(item: Item, person: str, wamid: str) -> AnyEvent:
    about = identifier(mapping(item.value.get("revoke")).get("original_message_id"))
    if about is None:
        raise unreadable("message.revoke")
    return UnsendEvent(item.account, item.raw, person, about, seconds(item.value.get("timestamp")))


def _reaction(item: Item, person: str, wamid: str) -> AnyEvent:
    """An empty or missing emoji takes the reaction back. The shop's own, from its phone, is not shown."""
    reaction = mapping(item.value.get("reaction"))
    about = identifier(reaction.get("message_id"))
    if about is None:
        raise unreadable("message.reaction")
    if "to" in item.value or "to_user_id" in item.value:
        return IgnoredEvent(item.account, item.raw, "own_reaction")
    emoji = shortened(reaction.get("emoji"), MAX_EMOJI)
    return ReactionEvent(item.account, item.raw, person, about, emoji, seconds(item.value.get("timestamp")))


def _system(item: Item, person: str, wamid: str) -> AnyEvent:
    """The customer changed the number, or the phone (identity): both matter to whoever ships the goods."""
    system = mapping(item.value.get("system"))
    kind = string(system.get("type"))
    if "changed_number" in kind:  # user_ or customer_, by version
        to = first_id(system.get("wa_id"), system.get("new_wa_id"), system.get("user_id"))
        return _happening(item, person, wamid, "number_changed", to)
    if kind == "customer_identity_changed":
        return _happening(item, person, wamid, "identity_changed")
    raise Stray("unknown_kind", label("message.system.", kind))


def _welcome(item: Item, person: str, wamid: str) -> AnyEvent:
    return _happening(item, person, wamid, "chat_opened")


def _happening(item: Item, person: str, key: str, kind: str, detail: str = "") -> HappeningEvent:
    return HappeningEvent(
        item.account, item.raw, person, key, kind, seconds(item.value.get("timestamp")), label(detail)
    )


SIDE: dict[str, Callable[[Item, str, str], AnyEvent]] = {
    "edit": _edit,
    "revoke": _revoke,
    "reaction": _reaction,
    "system": _system,
    "request_welcome": _welcome,
}


def status(item: Item) -> AnyEvent:
    """A state of one message the shop sent; `played` (a voice message) is more than read."""
    part = item.value
    if part.get("type") == "call":  # ringing, accepted, rejected: `calls` tells what came of it
        return IgnoredEvent(item.account, item.raw, "call_status")
    if part.get("recipient_type") == "group":
        raise Stray("group", label("status.", part.get("status")))
    status, wamid = part.get("status"), identifier(part.get("id"))
    if not isinstance(status, str) or wamid is None:
        raise unreadable("status")
    if status not in STATES:
        raise Stray("unknown_kind", label("status.", status))
    person = person_of("statuses", part)
    error = first_id(*(mapping(one).get("code") for one in items(part.get("errors")))) if status == "failed" else ""
    return ReceiptEvent(
        item.account,
        item.raw,
        person,
        STATES[status],
        seconds(part.get("timestamp")),
        platform_id=wamid,
        error=error,
    )


def call(item: Item) -> AnyEvent:
    """Calls are taken elsewhere; that there was one is a line of the contact's activity."""
    part = item.value
    call, event = identifier(part.get("id")), string(part.get("event"))
    if call is None:
        raise unreadable("call")
    ours = part.get("direction") == "BUSINESS_INITIATED"
    person = person_of("calls", part)
    if event == "connect":
        return _happening(item, person, f"{call}:connect"[:255], "called_by_us" if ours else "called")
    if event == "terminate":
        return _happening(item, person, f"{call}:terminate"[:255], "call_ended", string(part.get("status")))
    raise Stray("unknown_kind", label("call.", event))


def preference(item: Item) -> AnyEvent:
    """Whether the customer wants marketing messages: stop, resume or signup."""
    person, value = person_of("user_preferences", item.value), identifier(item.value.get("value"))
    if value is None:
        raise unreadable("user_preferences")
    key = digest(item.account, person, scalars(item.value.get("timestamp")), value)
    return _happening(item, person, key, "marketing_preference", value)
