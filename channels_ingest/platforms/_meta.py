"""What Messenger and Instagram share: handshake, signature, reading of bodies (PROTOCOLS 1, 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from . import _meta_messages, _meta_origin, _meta_side, _signature
from ._meta_item import Item
from ._stray import Stray, guarded, unreadable
from ._values import first_id, flag, identifier, label, mapping
from .events import AnyEvent, IgnoredEvent, StrayEvent

# On standby (another app has the chat) the same items come in a list of another name (PROTOCOLS 1.5).
LISTS = ("messaging", "standby")
READERS: Mapping[str, Callable[[Item], AnyEvent]] = {
    "message": _meta_messages.message,
    "postback": _meta_messages.postback,
    "order": _meta_messages.order,
    "message_edit": _meta_side.edit,
    "reaction": _meta_side.reaction,
    "read": _meta_side.read,
    "delivery": _meta_side.delivery,
    "referral": _meta_origin.referral,
    "optin": _meta_origin.optin,
    "account_linking": _meta_side.account_linking,
    "pass_thread_control": _meta_side.control,
    "take_thread_control": _meta_side.control,
    "request_thread_control": _meta_side.control_requested,
    "response_feedback": _meta_side.feedback,
    "app_roles": _meta_side.app_roles,
    "policy_enforcement": _meta_side.policy,
    "policy-enforcement": _meta_side.policy,
}
RETIRED = frozenset(
    {"game_play", "payment", "checkout_update", "pre_checkout", "message_request", "messaging_feedback"}
)
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
    name = next((name for name in LISTS if name in part), "")
    if not name:
        raise Stray("unknown_kind", _other_kind(part))
    items = part[name]
    if not isinstance(items, list) or not isinstance(items[0], dict):
        raise unreadable()
    fields = items[0]
    if flag(fields.get("is_self")):
        raise Stray("unknown_kind", "self")
    kind = _kind(fields)
    if kind in READERS:
        return READERS[kind](Item(account, kind, fields, raw))
    if kind in RETIRED:
        return IgnoredEvent(account, raw, "retired")
    raise Stray("unknown_kind", label(kind) or ("" if name == "messaging" else name))


def _kind(fields: dict[str, Any]) -> str:
    """The key that says what an item is: one that is read where there is one, and a message before all else."""
    known = (kind for kind in READERS if kind in fields)
    other = (key for key in fields if key not in ENVELOPE)
    return next(known, next(other, ""))


def _other_kind(part: dict[str, Any]) -> str:
    """`changes.comments` (flat or not) or the name of a list nobody knows yet."""
    if "field" in part:
        return label("changes.", part["field"])
    name = next(iter(part))
    if name != "changes":
        return label(name)
    changes = part["changes"]
    first = mapping(changes[0]) if isinstance(changes, list) and changes else {}
    return label("changes.", first.get("field"))
