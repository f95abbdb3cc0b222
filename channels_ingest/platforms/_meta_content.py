"""What a Messenger or Instagram `message` says: its kind and its attachments (PROTOCOLS 1.5, 2.4)."""

from __future__ import annotations

from typing import Any

from ._stray import unreadable
from ._values import (
    coordinate,
    first_id,
    first_link,
    first_string,
    flag,
    identifier,
    mapping,
    string,
)
from .base import Client, MediaSource, Rejected
from .events import Attachment

MEDIA = frozenset({"image", "video", "audio", "file"})
SHARED = frozenset({"share", "template", "reel", "ig_reel", "post", "ig_post", "story", "ig_story", "story_mention"})
# Meta's content hosts; instagram.com and facebook.com serve web pages, which are no content (PROTOCOLS 1.9, 2.4).
CONTENT_HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com")
SHOWN = MEDIA | {"sticker", "location"}


def attachments_of(message: dict[str, Any]) -> list[tuple[str, Attachment]]:
    """Pairs of Meta's own type and the normalised attachment; image and sticker of one sticker are one."""
    items = message.get("attachments")
    if items is None:
        items = []
    if not isinstance(items, list):
        raise unreadable("message")
    found: list[tuple[str, Attachment]] = []
    stickers: dict[str, int] = {}  # sticker id → its place in `found`
    for item in items:
        kind = string(mapping(item).get("type"))
        attachment = _attachment(kind, mapping(item), message)
        twin = stickers.get(attachment.platform_ref) if attachment.kind == "sticker" else None
        if twin is not None:
            if not found[twin][1].url:
                found[twin] = (kind, attachment)
            continue
        if attachment.kind == "sticker":
            stickers[attachment.platform_ref] = len(found)
        found.append((kind, attachment))
    if not found and (sticker := identifier(message.get("sticker_id"))):
        found.append(("sticker", Attachment("sticker", platform_ref=sticker)))
    return found


def _attachment(kind: str, item: dict[str, Any], message: dict[str, Any]) -> Attachment:
    payload = mapping(item.get("payload"))
    url = first_link(payload.get("url"), payload.get("story_media_url"), item.get("url"), item.get("URL"))
    if kind in ("image", "sticker"):
        # Old bodies carry the sticker's id beside the attachments only (PROTOCOLS 1.5, Stickers).
        sticker = first_id(payload.get("sticker_id"), message.get("sticker_id"))
        if sticker or kind == "sticker":
            return Attachment("sticker", url=url, platform_ref=sticker)
    if kind in MEDIA:
        return Attachment(kind, url=url, title=first_string(payload.get("title"), item.get("title")))
    if kind == "like_heart":  # Instagram's heart: a sticker in all but name
        return Attachment("sticker", url=url, platform_ref="like_heart")
    if kind == "location":
        return _location(payload, item, url)
    if kind in SHARED or kind == "fallback":
        return _shared(payload, item, url)
    return Attachment("unsupported", url=url, title=first_string(payload.get("title"), item.get("title")))


def _location(payload: dict[str, Any], item: dict[str, Any], url: str) -> Attachment:
    point = mapping(payload.get("coordinates"))
    return Attachment(
        "location",
        url=url,
        title=first_string(item.get("title"), payload.get("title")),
        latitude=coordinate(point.get("lat"), 90),
        longitude=coordinate(point.get("long"), 180),
    )


def _shared(payload: dict[str, Any], item: dict[str, Any], url: str) -> Attachment:
    """A link: what it points to lives elsewhere, and a story's media must not be archived (PROTOCOLS 2.4)."""
    elements = payload.get("elements") or mapping(payload.get("product")).get("elements")
    first = mapping(elements[0]) if isinstance(elements, list) and elements else {}
    return Attachment(
        "link",
        url=url or first_link(first.get("item_url"), first.get("url")),
        title=first_string(payload.get("title"), item.get("title"), payload.get("text"), first.get("title")),
        platform_ref=first_id(
            payload.get("reel_video_id"),
            payload.get("ig_post_media_id"),
            payload.get("story_media_id"),
            payload.get("id"),
            first.get("id"),
        ),
    )


def kind_of(message: dict[str, Any], text: str, found: list[tuple[str, Attachment]]) -> str:
    """One of MessageEvent's kinds. A picture with words is an image; words with a link preview are a text."""
    if flag(message.get("is_unsupported")):
        return "unsupported"
    if mapping(mapping(message.get("reply_to")).get("story")):
        return "story_reply"
    types = [kind for kind, _ in found]
    if "story_mention" in types:
        return "story_mention"
    if shown := next((attachment.kind for _, attachment in found if attachment.kind in SHOWN), ""):
        return shown
    if any(kind in SHARED for kind in types):
        return "share"
    if text or mapping(message.get("quick_reply")):
        return "text"
    return "share" if "fallback" in types else "unsupported"


def story_of(message: dict[str, Any]) -> Attachment | None:
    """The story that a reply is about, as a link."""
    story = mapping(mapping(message.get("reply_to")).get("story"))
    if not story:
        return None
    return Attachment("link", url=first_link(story.get("url")), platform_ref=first_id(story.get("id")))


def media(client: Client, attachment: Attachment) -> MediaSource:
    """The link that came with the message: signed, so no token goes with it, and 403 or 404 once expired.

    Links to posts, reels and stories are of kind `link`: never copied (PROTOCOLS 2.4).
    """
    if attachment.kind not in MEDIA | {"sticker"} or not attachment.url:
        raise Rejected("nothing to fetch", code="no_content")
    return MediaSource(attachment.url, hosts=CONTENT_HOSTS)
