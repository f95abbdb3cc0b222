"""Reads Telegram Bot API updates into normalised events (PROTOCOLS 5). One update is one event, or a few deletions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from . import _telegram_content as content
from ._stray import Stray, guarded, unreadable
from ._values import digest, first_id, identifier, items, label, mapping, seconds, shortened, string
from .events import (
    AnyEvent,
    EditEvent,
    FollowEvent,
    IgnoredEvent,
    MessageEvent,
    NoticeEvent,
    ReactionEvent,
    StrayEvent,
    UnsendEvent,
)

ACCOUNT = ""  # no update names its bot: the URL's key tells the channel
PRIVATE, GROUPS = "private", ("group", "supergroup", "channel")
# Words typed for a search in other chats: nothing the shop was told, and nothing for it to keep.
INLINE = frozenset({"inline_query", "chosen_inline_result"})
GROUP_KINDS = frozenset(
    {
        "channel_post", "edited_channel_post", "chat_member", "chat_join_request", "chat_boost",
        "removed_chat_boost", "message_reaction_count",
    }
)  # fmt: skip
MAX_EMOJI = 32  # characters, Message.reaction
OTHER_EMOJI = "✨"  # a custom emoji is a picture of Telegram's: no character stands for it
PAID_EMOJI = "⭐"


def parse(body: Any) -> Iterator[AnyEvent]:
    """Events of an update; `raw` is the update with its one kind (and one deleted message) only."""
    if not isinstance(body, dict):
        yield StrayEvent(ACCOUNT, body, "unreadable")
        return
    head = {"update_id": body["update_id"]} if "update_id" in body else {}
    kinds = [key for key in body if key in KNOWN] or [key for key in body if key != "update_id"]
    if not kinds:
        yield StrayEvent(ACCOUNT, body, "unreadable")
    for kind in kinds:
        for value in _parts(kind, body[kind]):
            raw = head | {kind: value}
            yield guarded(partial(_event, kind, value, raw), ACCOUNT, raw, _about(mapping(value)))


def _parts(kind: str, value: Any) -> list[Any]:
    ids = mapping(value).get("message_ids")
    if kind != "deleted_business_messages" or not isinstance(ids, list) or not ids:
        return [value]
    return [value | {"message_ids": [one]} for one in ids]


def _event(kind: str, value: Any, raw: Any) -> AnyEvent:
    if kind in INLINE:
        return IgnoredEvent(ACCOUNT, raw, "inline")
    if kind in GROUP_KINDS:
        raise Stray("group", label(kind))
    if kind not in READERS:
        raise Stray("unknown_kind", label(kind))
    if not isinstance(value, dict):
        raise unreadable(label(kind))
    return READERS[kind](kind, value, raw)


def _about(value: dict[str, Any]) -> tuple[str, str]:
    """Person and message id, as far as they can be read."""
    message = mapping(value.get("message")) or value
    user = mapping(value.get("from")) or mapping(value.get("user"))
    chat = _chat_id(mapping(message.get("chat")))
    about = first_id(message.get("message_id"), *items(message.get("message_ids"))[:1])
    return first_id(user.get("id")), _key(value, chat, about) if chat and about else ""


def _chat_id(chat: dict[str, Any]) -> str:
    """Groups have negative numbers."""
    value = chat.get("id")
    if isinstance(value, int) and not isinstance(value, bool) and -(10**18) < value < 0:
        return str(value)
    return identifier(value) or ""


def _private(kind: str, value: dict[str, Any]) -> str:
    """The id of a one-to-one chat. Raises Stray for a group, whose type old bodies leave out."""
    chat = value.get("chat")
    if not isinstance(chat, dict):
        raise unreadable(label(kind))
    chat_id, of = _chat_id(chat), chat.get("type")
    if of in GROUPS or (of is None and chat_id.startswith("-")):
        raise Stray("group", label(kind))
    if of not in (PRIVATE, None):
        raise Stray("unknown_kind", label(kind, ".", of))
    if not chat_id:
        raise unreadable(label(kind))
    return chat_id


def _person(kind: str, user: Any) -> str:
    if user is None:
        raise Stray("no_person", label(kind))
    found = identifier(mapping(user).get("id"))
    if found is None:
        raise unreadable(label(kind))
    return found


def _key(value: dict[str, Any], chat: str, message_id: str) -> str:
    """chat:message. Chats of a connected business account number their messages apart from the bot's own chats."""
    business = first_id(value.get("business_connection_id"))
    return ":".join(filter(None, (business, chat, message_id)))[:255]


def _message_key(kind: str, value: dict[str, Any], chat: str) -> str:
    message_id = identifier(value.get("message_id"))
    if message_id is None:
        raise unreadable(label(kind))
    return _key(value, chat, message_id)


def _message(kind: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    chat = _private(kind, value)
    if content.nobody_wrote(value, content.GROUP_SERVICE):
        raise Stray("group", label(kind))
    sender = _person(kind, value.get("from"))
    # In a business account's chat the chat is the customer; what its owner writes comes here too.
    business = kind == "business_message"
    ours = business and sender != chat
    if content.nobody_wrote(value, content.SERVICE):
        return IgnoredEvent(ACCOUNT, raw, "service")
    said, text, attachments = content.read(value)
    answered = first_id(mapping(value.get("reply_to_message")).get("message_id"))
    return MessageEvent(
        ACCOUNT,
        raw,
        person_id=chat if business else sender,
        platform_id=_message_key(kind, value, chat),
        kind=said,
        direction="out" if ours else "in",
        sent_at=seconds(value.get("date")),
        text=text,
        attachments=attachments,
        reply_to=_key(value, chat, answered) if answered else "",
        payload=string(mapping(value.get("web_app_data")).get("data")),
        origin=None if ours else content.origin(text),
        profile=content.profile_of(mapping(value.get("chat" if ours else "from"))),
        phone="" if ours else content.own_phone(value, mapping(value.get("from"))),
    )


def _edited(kind: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """`number` is the second of the edit: Telegram does not count them."""
    chat = _private(kind, value)
    person = chat if kind == "edited_business_message" else _person(kind, value.get("from"))
    if "location" in value:  # a live location that moved: no words changed
        return IgnoredEvent(ACCOUNT, raw, "live_location")
    at = seconds(value.get("edit_date"))
    number = int(at.timestamp()) if at else 0
    return EditEvent(ACCOUNT, raw, person, _message_key(kind, value, chat), content.words(value), number, at)


def _callback(kind: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """A pressed button. Its time is not told: `message.date` is when the buttons were sent."""
    message = mapping(value.get("message"))
    chat = _private(kind, message) if "chat" in message else ""
    callback = identifier(value.get("id"))
    if callback is None:
        raise unreadable(label(kind))
    data = string(value.get("data")) or string(value.get("game_short_name"))
    about = first_id(message.get("message_id"))
    user = value.get("from")
    return MessageEvent(
        ACCOUNT,
        raw,
        person_id=_person(kind, user),
        platform_id=f"callback:{callback}"[:255],
        kind="postback",
        direction="in",
        sent_at=None,
        text=_button(message, data),
        reply_to=_key(message, chat, about) if chat and about else "",
        payload=data,
        profile=content.profile_of(mapping(user)),
    )


def _button(message: dict[str, Any], data: str) -> str:
    """What stood on the button: the update tells its data only, the message under it all its buttons."""
    rows = items(mapping(message.get("reply_markup")).get("inline_keyboard"))
    buttons = [mapping(button) for row in rows for button in items(row)]
    return next((string(one.get("text")) for one in buttons if data and one.get("callback_data") == data), "")


def _reaction(kind: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """The reactions that stand now; none takes the last one back."""
    chat = _private(kind, value)
    person, now = _person(kind, value.get("user")), value.get("new_reaction")
    if not isinstance(now, list):
        raise unreadable(label(kind))
    key = _message_key(kind, value, chat)
    return ReactionEvent(ACCOUNT, raw, person, key, _emoji(now), seconds(value.get("date")))


def _emoji(reactions: list[Any]) -> str:
    if not reactions:
        return ""
    found = [shortened(mapping(one).get("emoji"), MAX_EMOJI) for one in reactions]
    paid = mapping(reactions[0]).get("type") == "paid"
    return next(filter(None, found), PAID_EMOJI if paid else OTHER_EMOJI)


def _membership(kind: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """The person stopped the bot (`kicked`) or started it again."""
    _private(kind, value)
    status = string(mapping(value.get("new_chat_member")).get("status"))
    if status not in ("member", "kicked"):
        raise Stray("unknown_kind", label(kind, ".", status))
    return FollowEvent(ACCOUNT, raw, _person(kind, value.get("from")), status == "member", seconds(value.get("date")))


def _deleted(kind: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """Taken back in a business account's chat, at a time that is not told. Ordinary bots hear of no deletion."""
    chat = _private(kind, value)
    ids = value.get("message_ids")
    if not isinstance(ids, list):
        raise unreadable(label(kind))
    if not ids:
        return IgnoredEvent(ACCOUNT, raw, "no_events")
    message_id = identifier(ids[0])
    if message_id is None:
        raise unreadable(label(kind))
    return UnsendEvent(ACCOUNT, raw, chat, _key(value, chat, message_id), None)


def _business(kind: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """The owner of a business account connected it to the bot, changed its rights, or disconnected it."""
    connection, enabled = identifier(value.get("id")), value.get("is_enabled") is True
    if connection is None:
        raise unreadable(label(kind))
    at = seconds(value.get("date"))
    detail = "enabled" if enabled else "disabled"
    return NoticeEvent(ACCOUNT, raw, digest(connection, at, detail), kind, at, detail, serious=not enabled)


READERS: dict[str, Callable[[str, dict[str, Any], Any], AnyEvent]] = {
    "message": _message,
    "business_message": _message,
    "edited_message": _edited,
    "edited_business_message": _edited,
    "callback_query": _callback,
    "message_reaction": _reaction,
    "my_chat_member": _membership,
    "deleted_business_messages": _deleted,
    "business_connection": _business,
}
KNOWN = READERS.keys() | INLINE | GROUP_KINDS
