"""Reads WhatsApp Cloud API webhook bodies into normalised events (PROTOCOLS 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from . import _whatsapp_content as content
from ._stray import Stray, guarded, unreadable
from ._values import first_id, identifier, items, label, mapping, seconds, string
from ._whatsapp_account import account_event, error_event
from ._whatsapp_side import SIDE, Item, call, parties, person_of, preference, status
from .events import AnyEvent, IgnoredEvent, MessageEvent, Profile, StrayEvent

OBJECT = "whatsapp_business_account"
# Fields whose value names one of our numbers and lists what happened there.
LISTED = frozenset({"messages", "message_echoes", "smb_message_echoes", "calls", "user_preferences"})
ENVELOPE = frozenset({"messaging_product", "metadata", "contacts"})


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
    account = identifier(mapping(value.get("metadata")).get("phone_number_id"))
    if field not in LISTED:
        whose = account or waba
        yield guarded(partial(account_event, whose, head, field, value, whole), whose, whole, ("", ""))
        return
    parts = [(name, part) for name in value if name not in ENVELOPE for part in _list(value[name])]
    if not parts:
        yield IgnoredEvent(account or waba, whole, "no_events")
    told = _contacts(value)
    for name, part in parts:
        contact = next((told[key] for key in parties(name, mapping(part)) if key in told), {})
        kept = {key: value[key] for key in ("messaging_product", "metadata") if key in value}
        kept |= ({"contacts": [contact]} if contact else {}) | {name: [part]}
        raw = {"object": OBJECT, "entry": [head | {"changes": [{"value": kept, "field": field}]}]}
        about = (first_id(*parties(name, mapping(part))), _about(mapping(part)))
        read = partial(_event, account, name, part, contact, raw, head)
        yield guarded(read, account or waba, raw, about)


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


def _about(part: dict[str, Any]) -> str:
    """The message an item is or is about: what was taken back must be found among the strays."""
    about = [mapping(part.get(name)).get("original_message_id") for name in ("revoke", "edit")]
    return first_id(*about, mapping(part.get("reaction")).get("message_id"), part.get("id"))


def _event(
    account: str | None, name: str, part: Any, contact: dict[str, Any], raw: Any, head: dict[str, Any]
) -> AnyEvent:
    if account is None:
        raise unreadable(label(name))
    if name not in READERS and name != "errors":
        raise Stray("unknown_kind", label(name))
    if not isinstance(part, dict):
        raise unreadable(label(name))
    if name == "errors":
        return error_event(account, part, raw, head)
    return READERS[name](Item(account, raw, part, contact))


def _message(item: Item) -> AnyEvent:
    if "group_id" in item.value:
        raise Stray("group", label("message.", item.value.get("type")))
    return _said(item, person_of("messages", item.value), "in")


def _echo(item: Item) -> AnyEvent:
    """What the shop wrote in the WhatsApp Business app on its phone (coexistence)."""
    return _said(item, person_of("message_echoes", item.value), "out")


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


READERS: dict[str, Callable[[Item], AnyEvent]] = {
    "messages": _message,
    "message_echoes": _echo,
    "statuses": status,
    "calls": call,
    "user_preferences": preference,
}
