"""What is said in a Messenger or Instagram chat: messages, echoes, unsends, postbacks, carts (PROTOCOLS 1.5, 2.4)."""

from __future__ import annotations

from typing import Any

from ._meta_content import attachments_of, kind_of, story_of
from ._meta_item import Item
from ._meta_origin import origin_of
from ._stray import Stray, unreadable
from ._values import count, digest, first_string, flag, identifier, mapping, string
from .events import AnyEvent, MessageEvent, UnsendEvent


def message(item: Item) -> AnyEvent:
    """A message of the customer's, the echo of one of the shop's, or either of them unsent."""
    content = item.content()
    if flag(content.get("is_self")):
        raise Stray("unknown_kind", "self")
    echo, deleted = flag(content.get("is_echo")), flag(content.get("is_deleted"))
    person = item.addressee() if echo else item.customer() if deleted else item.sender()
    mid = identifier(content.get("mid"))
    text = content.get("text")
    if mid is None or not isinstance(text, str | None):
        raise unreadable("message")
    if deleted:
        return UnsendEvent(item.account, item.raw, person, mid, item.sent_at)
    found = attachments_of(content)
    story = story_of(content)
    return MessageEvent(
        item.account,
        item.raw,
        person_id=person,
        platform_id=mid,
        kind=kind_of(content, text or "", found),
        direction="out" if echo else "in",
        sent_at=item.sent_at,
        text=text or "",
        attachments=tuple(attachment for _, attachment in found) + ((story,) if story else ()),
        reply_to=identifier(mapping(content.get("reply_to")).get("mid")) or "",
        app_id=identifier(content.get("app_id")) or "",
        metadata=string(content.get("metadata")),
        payload=string(mapping(content.get("quick_reply")).get("payload")),
        origin=None if echo else origin_of(content.get("referral")),
    )


def postback(item: Item) -> MessageEvent:
    """A button pressed. Its copy on standby has no payload (PROTOCOLS 1.5), so the title tells it from others."""
    content = item.content()
    if flag(content.get("is_self")):
        raise Stray("unknown_kind", "self")
    person = item.sender()
    title, payload = string(content.get("title")), string(content.get("payload"))
    mid = content.get("mid")
    platform_id = digest(item.account, person, item.sent_at, title or payload) if mid is None else identifier(mid)
    if platform_id is None:
        raise unreadable("postback")
    return MessageEvent(
        item.account,
        item.raw,
        person_id=person,
        platform_id=platform_id,
        kind="postback",
        direction="in",
        sent_at=item.sent_at,
        text=title,
        payload=payload,
        origin=origin_of(content.get("referral")),
    )


def order(item: Item) -> MessageEvent:
    """A cart that the customer sent (field `send_cart`): one line a product, then the note."""
    content = item.content()
    products = content.get("products")
    if not isinstance(products, list | None):
        raise unreadable("order")
    lines = [_product(product) for product in products or []]
    person = item.sender()
    return MessageEvent(
        item.account,
        item.raw,
        person_id=person,
        platform_id=digest(item.account, person, item.sent_at, "order"),
        kind="order",
        direction="in",
        sent_at=item.sent_at,
        text="\n".join([*lines, *filter(None, [string(content.get("note")).strip()])]),
    )


def _product(product: Any) -> str:
    """`2 × Linen tote`; a product without a name is called by its number in the shop."""
    if not isinstance(product, dict):
        raise unreadable("order")
    codes = (identifier(product.get(key)) for key in ("retailer_id", "id"))
    name = first_string(product.get("name"), *codes) or "?"
    return f"{count(product.get('quantity')) or 1} × {name}"
