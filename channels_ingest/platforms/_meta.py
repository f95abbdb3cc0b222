"""What Messenger and Instagram share: handshake, signature, reading of bodies (PROTOCOLS 1, 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from . import _signature
from ._meta_content import attachments_of, kind_of, story_of
from ._stray import Stray, guarded, unreadable
from ._values import digest, first_id, flag, identifier, label, mapping, moment, string
from .base import AnyEvent, IgnoredEvent, MessageEvent, StrayEvent, UnsendEvent

ENVELOPE = frozenset({"sender", "recipient", "timestamp", "is_self", "id", "time"})
ENTRY_ENVELOPE = frozenset({"id", "time", "uid", "changed_fields"})


def handshake(params: Mapping[str, str], verify_tokens: Sequence[str]) -> str | None:
    """The challenge to echo where mode and verify token are right, else None (PROTOCOLS 1.1)."""
    token, challenge = params.get("hub.verify_token"), params.get("hub.challenge")
    if params.get("hub.mode") != "subscribe" or not token or not challenge:
        return None
    return challenge if _signature.one_of(token, verify_tokens) else None


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """`X-Hub-Signature-256` over the raw bytes; the old SHA-1 header counts for nothing (PROTOCOLS 1.3)."""
    signature = _signature.header(headers, "X-Hub-Signature-256")
    return _signature.signed(body, signature, secrets, _signature.hub_form)


def parse(body: Any, expected_object: str) -> Iterator[AnyEvent]:
    """Events of a body; `raw` of each is the body with one entry that holds one item."""
    entries = mapping(body).get("entry")
    if not isinstance(entries, list):
        yield StrayEvent("", body, "unreadable")
        return
    if body.get("object") != expected_object:
        yield StrayEvent("", body, "unknown_kind", label("object.", body.get("object")))
        return
    if not entries:
        yield IgnoredEvent("", body)
    for entry in entries:
        yield from _entry(entry, expected_object)


def _entry(entry: Any, object_name: str) -> Iterator[AnyEvent]:
    account = identifier(mapping(entry).get("id"))
    whole = {"object": object_name, "entry": [entry]}
    if account is None:
        yield StrayEvent("", whole, "unreadable")
        return
    if account == "0":  # the dashboard's Test button (PROTOCOLS 1.4)
        yield IgnoredEvent(account, whole)
        return
    head = {"id": account}  # repeated in each event's raw: nothing else that may be large
    parts = [part for name in entry for part in _parts(entry, name)]
    if not parts:
        yield IgnoredEvent(account, whole, "no_events")
    for part in parts:
        raw = {"object": object_name, "entry": [head | part]}
        yield guarded(partial(_event, account, part, raw), account, raw, _about(account, part))


def _parts(entry: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """One list of an entry cut into parts of a single item; a flat comment (PROTOCOLS 2.1) is one part."""
    if name in ENTRY_ENVELOPE:
        return []
    if name == "field" or (name == "value" and "field" not in entry):
        return [{key: entry[key] for key in ("field", "value") if key in entry}]
    if name == "value":
        return []
    value = entry[name]
    return [{name: [item]} for item in value] if isinstance(value, list) else [{name: value}]


def _about(account: str, part: dict[str, Any]) -> tuple[str, str]:
    """Person and message id of an item, as far as they can be read: the party that is not the account."""
    items = part.get("messaging", part.get("standby"))
    item = mapping(items[0]) if isinstance(items, list) else {}
    parties = [first_id(mapping(item.get(name)).get("id")) for name in ("sender", "recipient")]
    mids = [mapping(value).get("mid") for key, value in item.items() if key not in ENVELOPE]
    return next((party for party in parties if party != account), ""), first_id(*mids)


def _event(account: str, part: dict[str, Any], raw: Any) -> AnyEvent:
    if "messaging" not in part:
        raise Stray("unknown_kind", _other_kind(part))
    items = part["messaging"]
    if not isinstance(items, list) or not isinstance(items[0], dict):
        raise unreadable()
    item = items[0]
    if flag(item.get("is_self")):
        raise Stray("unknown_kind", "self")
    if "message" in item:
        return _message(account, item, raw)
    if "postback" in item:
        return _postback(account, item, raw)
    raise Stray("unknown_kind", next((label(key) for key in item if key not in ENVELOPE), ""))


def _other_kind(part: dict[str, Any]) -> str:
    """`standby`, `changes.comments` (flat or not) or the name of a list nobody knows yet."""
    if "field" in part:
        return label("changes.", part["field"])
    name = next(iter(part))
    if name != "changes":
        return label(name)
    changes = part["changes"]
    first = mapping(changes[0]) if isinstance(changes, list) and changes else {}
    return label("changes.", first.get("field"))


def _party(item: dict[str, Any], name: str) -> str:
    """The id of sender or recipient; empty where there is none (a checkbox plugin's user_ref only)."""
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, dict):
        raise unreadable()
    if value.get("id") is None:
        return ""
    found = identifier(value["id"])
    if found is None:
        raise unreadable()
    return found


def _person(account: str, item: dict[str, Any], *, echo: bool) -> str:
    """The sender; for an echo the recipient, unless that is the account (some bodies do not swap them)."""
    person = _party(item, "sender")
    if echo and (recipient := _party(item, "recipient")) != account:
        person = recipient
    if not person or (echo and person == account):
        raise Stray("no_person", "message" if "message" in item else "postback")
    return person


def _message(account: str, item: dict[str, Any], raw: Any) -> AnyEvent:
    message = item["message"]
    if not isinstance(message, dict):
        raise unreadable("message")
    if flag(message.get("is_self")):
        raise Stray("unknown_kind", "self")
    echo = flag(message.get("is_echo"))
    person = _person(account, item, echo=echo)
    mid = identifier(message.get("mid"))
    sent_at = moment(item.get("timestamp"))
    text = message.get("text")
    if mid is None or not isinstance(text, str | None):
        raise unreadable("message")
    if flag(message.get("is_deleted")):
        return UnsendEvent(account, raw, person, mid, sent_at)
    found = attachments_of(message)
    story = story_of(message)
    return MessageEvent(
        account,
        raw,
        person_id=person,
        platform_id=mid,
        kind=kind_of(message, text or "", found),
        direction="out" if echo else "in",
        sent_at=sent_at,
        text=text or "",
        attachments=tuple(attachment for _, attachment in found) + ((story,) if story else ()),
        reply_to=identifier(mapping(message.get("reply_to")).get("mid")) or "",
        app_id=identifier(message.get("app_id")) or "",
        metadata=string(message.get("metadata")),
        payload=string(mapping(message.get("quick_reply")).get("payload")),
    )


def _postback(account: str, item: dict[str, Any], raw: Any) -> MessageEvent:
    postback = item["postback"]
    if not isinstance(postback, dict):
        raise unreadable("postback")
    if flag(postback.get("is_self")):
        raise Stray("unknown_kind", "self")
    person = _person(account, item, echo=False)
    title, payload = string(postback.get("title")), string(postback.get("payload"))
    sent_at = moment(item.get("timestamp"))
    mid = postback.get("mid")
    # Without a mid: sender, time and payload (PROTOCOLS 1.5, dedupe key).
    platform_id = digest(account, person, sent_at, payload or title) if mid is None else identifier(mid)
    if platform_id is None:
        raise unreadable("postback")
    return MessageEvent(
        account,
        raw,
        person_id=person,
        platform_id=platform_id,
        kind="postback",
        direction="in",
        sent_at=sent_at,
        text=title,
        payload=payload,
    )
