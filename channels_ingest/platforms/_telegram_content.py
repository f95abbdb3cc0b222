"""What a Telegram message says: its kind, words and attachments (PROTOCOLS 5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ._values import coordinate, count, first_id, first_string, items, mapping, string
from .events import Attachment, Origin, Profile

# Telegram's own name → ours; an animation (GIF) comes with a `document` beside it and goes first.
FILES = {
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "audio": "audio",
    "voice": "audio",
    "document": "file",
}
# What the app itself says in a chat; nobody wrote it.
SERVICE = frozenset(
    {
        "boost_added", "chat_background_set", "connected_website", "message_auto_delete_timer_changed",
        "pinned_message", "proximity_alert_triggered", "video_chat_ended", "video_chat_participants_invited",
        "video_chat_scheduled", "video_chat_started", "write_access_allowed",
    }
)  # fmt: skip
# What the app says in groups only: a chat that hides its type is one.
GROUP_SERVICE = frozenset(
    {
        "channel_chat_created", "delete_chat_photo", "forum_topic_closed", "forum_topic_created",
        "forum_topic_edited", "forum_topic_reopened", "group_chat_created", "left_chat_member",
        "migrate_from_chat_id", "migrate_to_chat_id", "new_chat_member", "new_chat_members", "new_chat_photo",
        "new_chat_title", "supergroup_chat_created",
    }
)  # fmt: skip
_START = re.compile(r"/start(?:@\w+)?[ ]+(\S{1,255})")


def words(message: dict[str, Any]) -> str:
    """The text, or the caption of what is sent with it."""
    return first_string(message.get("text"), message.get("caption"))


def read(message: dict[str, Any]) -> tuple[str, str, tuple[Attachment, ...]]:
    """Kind, text and attachments. What is not known here is still a message: `unsupported`, with its words."""
    text = words(message)
    for name, reader in READERS.items():
        if name in message and (attachment := reader(message[name], message)) is not None:
            return attachment.kind, text, (attachment,)
    if isinstance(message.get("contact"), dict):
        return "contact", _contact(message["contact"]), ()
    if text:
        return "text", text, ()
    if emoji := string(mapping(message.get("dice")).get("emoji")):
        return "text", emoji, ()
    if isinstance(message.get("web_app_data"), dict):
        return "postback", string(message["web_app_data"].get("button_text")), ()
    return "unsupported", "", ()


def nobody_wrote(message: dict[str, Any], keys: frozenset[str]) -> bool:
    """Whether the app said this, and nobody something with it."""
    return not keys.isdisjoint(message) and read(message)[0] == "unsupported"


def _file(name: str) -> Callable[[Any, dict[str, Any]], Attachment | None]:
    def read_file(value: Any, message: dict[str, Any]) -> Attachment | None:
        if not isinstance(value, dict):
            return None
        seconds = count(value.get("duration"))
        return Attachment(
            FILES[name],
            title=first_string(value.get("file_name"), value.get("title")),
            platform_ref=first_id(value.get("file_id")),
            size=count(value.get("file_size")),
            duration=seconds * 1000 if seconds is not None and seconds < 10**9 else None,
        )

    return read_file


def _photo(value: Any, message: dict[str, Any]) -> Attachment | None:
    """One picture in several sizes: the largest."""
    sizes = [size for size in map(mapping, items(value)) if first_id(size.get("file_id"))]
    if not sizes:
        return None
    largest = max(sizes, key=lambda size: (count(size.get("width")) or 0, count(size.get("file_size")) or 0))
    return Attachment("image", platform_ref=first_id(largest["file_id"]), size=count(largest.get("file_size")))


def _sticker(value: Any, message: dict[str, Any]) -> Attachment | None:
    if not isinstance(value, dict):
        return None
    return Attachment("sticker", title=string(value.get("emoji")), platform_ref=first_id(value.get("file_id")))


def _location(value: Any, message: dict[str, Any]) -> Attachment | None:
    """A venue is a location with a name; it carries both."""
    venue = mapping(message.get("venue"))
    place = mapping(value) or mapping(venue.get("location"))
    if not place and not venue:
        return None
    return Attachment(
        "location",
        title=string(venue.get("title")),
        address=string(venue.get("address")),
        latitude=coordinate(place.get("latitude"), 90),
        longitude=coordinate(place.get("longitude"), 180),
    )


READERS: dict[str, Callable[[Any, dict[str, Any]], Attachment | None]] = {
    "photo": _photo,
    **{name: _file(name) for name in FILES},
    "sticker": _sticker,
    "location": _location,
    "venue": _location,
}


def _contact(value: dict[str, Any]) -> str:
    """A contact card: name and number."""
    parts = (value.get("first_name"), value.get("last_name"), value.get("phone_number"))
    return " ".join(filter(None, (string(part).strip() for part in parts)))


def own_phone(message: dict[str, Any], sender: dict[str, Any]) -> str:
    """Digits of the sender's own number, shared with the button made for it; somebody else's card is not it."""
    card = mapping(message.get("contact"))
    owner = first_id(card.get("user_id"))
    digits = string(card.get("phone_number")).removeprefix("+")
    mine = owner and owner == first_id(sender.get("id"))
    return digits if mine and digits.isascii() and digits.isdigit() and len(digits) <= 15 else ""


def profile_of(user: dict[str, Any]) -> Profile | None:
    """A user (or private chat) as told with every update; a username stands in for a name."""
    name = " ".join(filter(None, (string(user.get(key)).strip() for key in ("first_name", "last_name"))))
    username = string(user.get("username")).strip()
    if not name and not username:
        return None
    return Profile(name or username, username=username, language=string(user.get("language_code")))


def origin(text: str) -> Origin | None:
    """The payload of a t.me link: `/start <payload>` is what its button sends."""
    found = _START.fullmatch(text)
    return Origin("link", ref=found[1]) if found else None
