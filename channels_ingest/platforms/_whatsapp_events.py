"""Reads WhatsApp Cloud API webhook bodies into normalised events (PROTOCOLS 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from . import _whatsapp_content as content
from ._stray import Stray, guarded, unreadable
from ._values import (
    digest,
    first_id,
    first_string,
    identifier,
    items,
    label,
    mapping,
    scalars,
    seconds,
    string,
)
from .base import (
    AnyEvent,
    EditEvent,
    HappeningEvent,
    IgnoredEvent,
    MessageEvent,
    NoticeEvent,
    Profile,
    ReactionEvent,
    ReceiptEvent,
    StrayEvent,
    UnsendEvent,
)

OBJECT = "whatsapp_business_account"
# Fields whose value names one of our numbers and lists what happened there.
LISTED = frozenset({"messages", "message_echoes", "smb_message_echoes", "calls", "user_preferences"})
ENVELOPE = frozenset({"messaging_product", "metadata", "contacts"})
# Fields that tell of the account (WABA) itself, its numbers or its templates.
ACCOUNT_FIELDS = frozenset(
    {
        "account_alerts", "account_review_update", "account_settings_update", "account_update",
        "business_capability_update", "business_status_update", "message_template_components_update",
        "message_template_quality_update", "message_template_status_update", "payment_configuration_update",
        "phone_number_name_update", "phone_number_quality_update", "security", "template_category_update",
    }
)  # fmt: skip
SERIOUS = frozenset(
    {
        "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "ACCOUNT_RESTRICTION", "ACCOUNT_VIOLATION", "DISABLED_UPDATE",
        "PARTNER_APP_UNINSTALLED", "PARTNER_REMOVED",
    }
)  # fmt: skip
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


def parse(body: Any) -> Iterator[AnyEvent]:
    """Events of a body; `raw` of each is the body with one entry of one change that holds one item."""
    entries = mapping(body).get("entry")
    if not isinstance(entries, list):
        yield StrayEvent("", body, "unreadable")
        return
    if body.get("object") != OBJECT:
        yield StrayEvent("", body, "unknown_kind", label("object.", body.get("object")))
        return
    if not entries:
        yield IgnoredEvent("", body)
    for entry in entries:
        yield from _entry(entry)


def _entry(entry: Any) -> Iterator[AnyEvent]:
    waba = identifier(mapping(entry).get("id"))
    changes = mapping(entry).get("changes")
    whole = {"object": OBJECT, "entry": [entry]}
    if waba is None or not isinstance(changes, list):
        yield StrayEvent(waba or "", whole, "unreadable")
        return
    if waba == "0":  # the dashboard's Test button (PROTOCOLS 1.4)
        yield IgnoredEvent(waba, whole)
        return
    if not changes:
        yield IgnoredEvent(waba, whole, "no_events")
    head = {key: entry[key] for key in ("id", "time") if key in entry}
    for change in changes:
        yield from _change(waba, head, change)


def _change(waba: str, head: dict[str, Any], change: Any) -> Iterator[AnyEvent]:
    whole = {"object": OBJECT, "entry": [head | {"changes": [change]}]}
    field = mapping(change).get("field")
    value = mapping(change).get("value")
    if not isinstance(field, str) or not isinstance(value, dict):
        yield StrayEvent(waba, whole, "unreadable")
        return
    if field not in LISTED:
        yield guarded(partial(_account, waba, head, field, value, whole), waba, whole, ("", ""))
        return
    account = identifier(mapping(value.get("metadata")).get("phone_number_id"))
    if account is None:
        yield StrayEvent(waba, whole, "unreadable", label(field))
        return
    parts = [(name, part) for name in value if name not in ENVELOPE for part in _list(value[name])]
    if not parts:
        yield IgnoredEvent(account, whole, "no_events")
    told = _contacts(value)
    for name, part in parts:
        contact = next((told[key] for key in _parties(name, mapping(part)) if key in told), {})
        kept = {key: value[key] for key in ("messaging_product", "metadata") if key in value}
        kept |= ({"contacts": [contact]} if contact else {}) | {name: [part]}
        raw = {"object": OBJECT, "entry": [head | {"changes": [{"value": kept, "field": field}]}]}
        about = (first_id(*_parties(name, mapping(part))), _about(mapping(part)))
        yield guarded(partial(_event, account, name, part, contact, raw, head), account, raw, about)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _contacts(value: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The people of `contacts[]` by each of their ids."""
    found: dict[str, dict[str, Any]] = {}
    for contact in map(mapping, items(value.get("contacts"))):
        for key in ("wa_id", "user_id"):
            if (person := identifier(contact.get(key))) is not None:
                found.setdefault(person, contact)
    return found


def _who(name: str, part: dict[str, Any]) -> tuple[str, ...]:
    """Where an item of this list names the customer: a phone number goes before a business-scoped id."""
    if name == "calls":
        return OUTBOUND if part.get("direction") == "BUSINESS_INITIATED" else INBOUND
    return WHO.get(name, ())


def _parties(name: str, part: dict[str, Any]) -> list[str]:
    return [found for key in _who(name, part) if (found := identifier(part.get(key)))]


def _about(part: dict[str, Any]) -> str:
    """The message an item is or is about: what was taken back must be found among the strays."""
    about = [mapping(part.get(name)).get("original_message_id") for name in ("revoke", "edit")]
    return first_id(*about, mapping(part.get("reaction")).get("message_id"), part.get("id"))


def _event(account: str, name: str, part: Any, contact: dict[str, Any], raw: Any, head: dict[str, Any]) -> AnyEvent:
    if name not in READERS and name != "errors":
        raise Stray("unknown_kind", label(name))
    if not isinstance(part, dict):
        raise unreadable(label(name))
    if name == "errors":
        return _error(account, part, raw, head)
    return READERS[name](Item(account, raw, part, contact))


def _person(name: str, part: dict[str, Any]) -> str:
    """The first id that is there. Usernames hide phone numbers: any of them may be missing or empty."""
    for key in _who(name, part):
        if (value := part.get(key)) not in (None, ""):
            if (found := identifier(value)) is None:
                raise unreadable(label(name))
            return found
    raise Stray("no_person", label(name))


def _message(item: Item) -> AnyEvent:
    if "group_id" in item.value:
        raise Stray("group", label("message.", item.value.get("type")))
    return _said(item, _person("messages", item.value), "in")


def _echo(item: Item) -> AnyEvent:
    """What the shop wrote in the WhatsApp Business app on its phone (coexistence)."""
    return _said(item, _person("message_echoes", item.value), "out")


def _said(item: Item, person: str, direction: str) -> AnyEvent:
    part = item.value
    kind, wamid, sent_at = part.get("type"), identifier(part.get("id")), seconds(part.get("timestamp"))
    if not isinstance(kind, str) or wamid is None:
        raise unreadable("message")
    if kind in SIDE:
        return SIDE[kind](item, person, wamid)
    said = content.read(kind, part)
    context = mapping(part.get("context"))
    name = mapping(item.contact.get("profile"))
    username = string(name.get("username")).strip()
    shown = string(name.get("name")).strip() or username
    return MessageEvent(
        item.account,
        item.raw,
        person_id=person,
        platform_id=wamid,
        kind=said.kind,
        direction=direction,
        sent_at=sent_at,
        text=said.text,
        attachments=said.attachments,
        reply_to=identifier(context.get("id")) or "",
        payload=said.payload,
        origin=content.origin(part),
        profile=Profile(shown, username=username) if shown else None,
        phone=_phone(person) or _phone(string(item.contact.get("wa_id"))),
    )


def _phone(value: str) -> str:
    """A wa_id is the number with its country code; a business-scoped id is none."""
    return value if value.isascii() and value.isdigit() and len(value) <= 15 else ""


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
    emoji = string(reaction.get("emoji"))
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


def _status(item: Item) -> AnyEvent:
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
    person = _person("statuses", part)
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


def _call(item: Item) -> AnyEvent:
    """Calls are taken elsewhere; that there was one is a line of the contact's activity."""
    part = item.value
    call, event = identifier(part.get("id")), string(part.get("event"))
    if call is None:
        raise unreadable("call")
    ours = part.get("direction") == "BUSINESS_INITIATED"
    person = _person("calls", part)
    if event == "connect":
        return _happening(item, person, f"{call}:connect"[:255], "called_by_us" if ours else "called")
    if event == "terminate":
        return _happening(item, person, f"{call}:terminate"[:255], "call_ended", string(part.get("status")))
    raise Stray("unknown_kind", label("call.", event))


def _preference(item: Item) -> AnyEvent:
    """Whether the customer wants marketing messages: stop, resume or signup."""
    person, value = _person("user_preferences", item.value), identifier(item.value.get("value"))
    if value is None:
        raise unreadable("user_preferences")
    key = digest(item.account, person, scalars(item.value.get("timestamp")), value)
    return _happening(item, person, key, "marketing_preference", value)


def _error(account: str, part: dict[str, Any], raw: Any, head: dict[str, Any]) -> NoticeEvent:
    """Something Meta could not deliver to us at all: it belongs to the number, not to a person."""
    code = first_id(part.get("code"))
    details = mapping(part.get("error_data")).get("details")
    detail = first_string(details, part.get("message"), part.get("title"))
    key = digest(account, scalars(head.get("time")), code, detail)
    return NoticeEvent(account, raw, key, label("error.", code), seconds(head.get("time")), detail)


READERS: dict[str, Callable[[Item], AnyEvent]] = {
    "messages": _message,
    "message_echoes": _echo,
    "statuses": _status,
    "calls": _call,
    "user_preferences": _preference,
}


def _account(waba: str, head: dict[str, Any], field: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """A notice of the WABA: these changes name no number of ours, so `account_id` is the WABA's id."""
    if field not in ACCOUNT_FIELDS:
        raise Stray("unknown_kind", label("changes.", field))
    event = string(value.get("event"))
    return NoticeEvent(
        waba,
        raw,
        digest(waba, field, scalars(head.get("time")), scalars(value)),
        label(field, "." if event else "", event),
        seconds(head.get("time")),
        _detail(value),
        serious=event in SERIOUS and mapping(value.get("ban_info")).get("waba_ban_state") != "REINSTATE",
    )


def _detail(value: dict[str, Any]) -> str:
    """The first words that say which template, which violation, which restriction."""
    template = string(value.get("message_template_name"))
    ban = mapping(value.get("ban_info")).get("waba_ban_state")
    violation = mapping(value.get("violation_info")).get("violation_type")
    restrictions = [mapping(one).get("restriction_type") for one in items(value.get("restriction_info"))]
    reason = value.get("reason") if value.get("reason") != "NONE" else ""
    parts = [template, ban, violation, *restrictions, reason, value.get("new_quality_score"), value.get("new_category")]
    return ", ".join(filter(None, map(string, parts)))[:500]
