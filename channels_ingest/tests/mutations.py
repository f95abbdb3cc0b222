"""Breaks webhook bodies in the ways that platforms, proxies and strangers do (hypothesis strategies)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

FIXTURES = Path(__file__).parent / "fixtures"
BODIES: dict[str, list[Any]] = {
    folder.name: [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    for folder in sorted(FIXTURES.iterdir())
    if folder.is_dir()
}


def nested(depth: int) -> Any:
    value: Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


ODD: list[Any] = [
    None, True, False, 0, 1, -1, 10**15, 10**18, 10**400, 10**5000, -(10**5000), 0.5, 1e308, 1791083565678.0,
    float("nan"), float("inf"), float("-inf"), "", " ", "0", "true", "\x00", "a\x00b", "\ud800",
    "\udfff\ud800", "ก" * 255, "x" * 256, "x" * 70_000, "9" * 400, "https://", "http://[", "https://a/\x00",
    "2026-13-45T99:99:99Z", "9999-12-31T23:59:59-1200", "0001-01-01T00:00+14:00", [], {}, [[]], [{}], [None],
    {"id": None}, {"": ""},
    {"\x00": "\ud800"}, {"id": {"id": "1"}},
    nested(3000),
]  # fmt: skip

KEYS = [
    "message", "postback", "sender", "recipient", "entry", "messaging", "standby", "changes", "field",
    "value", "id", "mid", "type", "source", "events", "destination", "attachments", "payload", "text",
    "timestamp", "is_echo", "is_deleted", "is_self", "userId", "groupId", "replyToken", "unsend",
    "sticker_id", "reply_to", "contentProvider", "quick_reply", "webhookEventId", "\ud800", "\x00",
    "reaction", "emoji", "action", "read", "delivery", "watermark", "mids", "referral", "ref", "source", "optin",
    "message_edit", "num_edit", "order", "products", "quantity", "name", "note", "link", "result", "beacon",
    "membership", "module", "status", "policy_enforcement", "app_roles", "feedback", "standby",
    "messages", "statuses", "contacts", "metadata", "phone_number_id", "from", "from_user_id", "wa_id", "user_id",
    "interactive", "button", "errors", "context", "edit", "revoke", "message_echoes", "calls", "system",
    "update_id", "edited_message", "callback_query", "my_chat_member", "message_reaction", "business_message",
    "deleted_business_messages", "message_ids", "chat", "date", "edit_date", "photo", "contact", "new_reaction",
    "business_connection_id", "reply_to_message", "reply_markup", "caption", "title", "first_name",
]  # fmt: skip


def fresh(index: int) -> Any:
    """An odd value of its own: a later mutation may change what is inside it."""
    return nested(3000) if index == len(ODD) - 1 else copy.deepcopy(ODD[index])


texts = st.text(st.characters(exclude_categories=()), max_size=8)  # lone surrogates too
values = st.one_of(
    st.integers(0, len(ODD) - 1).map(fresh),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(st.characters(exclude_categories=()), max_size=8),
        lambda children: st.lists(children, max_size=3) | st.dictionaries(st.sampled_from(KEYS), children, max_size=3),
        max_leaves=6,
    ),
)


def places(value: Any, depth: int = 0) -> list[tuple[Any, Any]]:
    """Every (container, key) of a body."""
    if depth > 12:
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    found = [(value, key) for key in keys]
    for key in keys:
        found += places(value[key], depth + 1)
    return found


@st.composite
def mutated(draw: st.DrawFn, platform: str) -> Any:
    """A fixture of the platform with one to four parts replaced, deleted, doubled, renamed or added."""
    body = copy.deepcopy(draw(st.sampled_from(BODIES[platform])))
    for _ in range(draw(st.integers(1, 4))):
        spots = places(body)
        if not spots:
            return draw(values)
        container, key = draw(st.sampled_from(spots))
        action = draw(st.sampled_from(["replace", "replace", "delete", "double", "rename", "add"]))
        if action == "replace":
            container[key] = draw(values)
        elif action == "delete":
            del container[key]
        elif action == "double" and isinstance(container, list):
            container.append(container[key])
        elif action == "rename" and isinstance(container, dict):
            container[draw(st.sampled_from(KEYS))] = container.pop(key)
        elif isinstance(container, dict):
            container[draw(st.sampled_from(KEYS))] = draw(values)
    return body
