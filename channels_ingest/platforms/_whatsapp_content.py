"""What a WhatsApp message says: its kind, words and attachments (PROTOCOLS 4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ._stray import Stray, unreadable
from ._values import coordinate, first_id, first_string, identifier, items, label, link, mapping, shortened, string
from .events import Attachment, Origin

MEDIA = {
    "image": "image",
    "video": "video",
    "audio": "audio",  # voice messages too
    "document": "file",
    "sticker": "sticker",
}
MAX_LINES = 100  # of a cart, a form or contact cards: more is not read by anybody


@dataclass(frozen=True, slots=True)
class Said:
    """The content of a message as MessageEvent wants it."""

    kind: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    payload: str = ""


def read(kind: str, message: dict[str, Any]) -> Said:
    """The content of a message of WhatsApp's type `kind`. Raises Stray where it is unknown or unreadable."""
    if kind not in READERS:
        raise Stray("unknown_kind", label("message.", kind))
    value = message.get(kind)
    if kind in ("unsupported", "interactive") and value is None:
        return Said("unsupported")  # `errors` beside it says that Meta could not tell us
    if kind == "contacts":
        return _contacts(value)
    if not isinstance(value, dict):
        raise unreadable(label("message.", kind))
    return READERS[kind](kind, value)


def words(message: dict[str, Any]) -> str:
    """The words of a message, caption included; empty where it has none."""
    kind = string(message.get("type"))
    value = mapping(message.get(kind))
    return first_string(value.get("body") if kind == "text" else value.get("caption"))


def origin(message: dict[str, Any]) -> Origin | None:
    """The ad or post (`referral`) or the catalogue's product (`context`) that the person wrote from."""
    referral = message.get("referral")
    if isinstance(referral, dict):
        post = referral.get("source_type") == "post"
        source_id = first_id(referral.get("source_id"))
        ref = first_id(referral.get("ctwa_clid"), referral.get("source_url"))
        return Origin(
            "post" if post else "ad",
            ref=source_id or ref if post else ref,
            ad_id="" if post else source_id,
            title=shortened(referral.get("headline")),
        )
    product = first_id(mapping(mapping(message.get("context")).get("referred_product")).get("product_retailer_id"))
    return Origin("other", ref=product) if product else None


def _text(kind: str, value: dict[str, Any]) -> Said:
    if not isinstance(value.get("body"), str):
        raise unreadable("message.text")
    return Said("text", value["body"])


def _media(kind: str, value: dict[str, Any]) -> Said:
    """`url`, where there is one, lives minutes and wants the token: the media id is what is kept."""
    shown = MEDIA[kind]
    attachment = Attachment(shown, title=string(value.get("filename")), platform_ref=first_id(value.get("id")))
    return Said(shown, string(value.get("caption")), (attachment,))


def _location(kind: str, value: dict[str, Any]) -> Said:
    place = Attachment(
        "location",
        url=link(value.get("url")),
        title=string(value.get("name")),
        address=string(value.get("address")),
        latitude=coordinate(value.get("latitude"), 90),
        longitude=coordinate(value.get("longitude"), 180),
    )
    return Said("location", attachments=(place,))


def _contacts(value: Any) -> Said:
    """Each card's name and numbers on a line."""
    if not isinstance(value, list):
        raise unreadable("message.contacts")
    lines = []
    for card in map(mapping, value[:MAX_LINES]):
        name = mapping(card.get("name"))
        numbers = [mapping(phone) for phone in items(card.get("phones"))]
        parts = [first_string(name.get("formatted_name"), name.get("first_name"))]
        parts += [first_string(number.get("phone"), number.get("wa_id")) for number in numbers]
        lines.append(" ".join(filter(None, parts)))
    return Said("contact", "\n".join(filter(None, lines)))


def _button(kind: str, value: dict[str, Any]) -> Said:
    """The quick reply of a template."""
    return Said("postback", string(value.get("text")), payload=string(value.get("payload")))


def _interactive(kind: str, value: dict[str, Any]) -> Said:
    which = string(value.get("type"))
    reply = mapping(value.get(which))
    if which in ("button_reply", "list_reply"):
        title, description = string(reply.get("title")), string(reply.get("description"))
        return Said("postback", "\n".join(filter(None, (title, description))), payload=string(reply.get("id")))
    if which == "nfm_reply":
        return Said("postback", _form(reply), payload=string(reply.get("response_json")))
    if which == "call_permission_reply":
        return Said("postback", payload=string(reply.get("response")))
    raise Stray("unknown_kind", label("message.interactive.", which))


def _form(reply: dict[str, Any]) -> str:
    """A filled-in form: what was typed is what the customer said, so it is shown line by line."""
    try:
        answers = mapping(json.loads(string(reply.get("response_json"))))
    except (ValueError, RecursionError):
        answers = {}
    lines = [string(reply.get("body")), *_answers(answers)]
    return "\n".join(filter(None, lines))


def _answers(answers: dict[str, Any]) -> Iterator[str]:
    for key, value in list(answers.items())[:MAX_LINES]:
        shown = string(value) or identifier(value) or ", ".join(filter(None, map(string, items(value))))
        if key != "flow_token" and shown:
            yield f"{key}: {shown}"


def _order(kind: str, value: dict[str, Any]) -> Said:
    """A cart sent from the catalogue: "3 × HAMBURGER, 30 ILS" a line, after the customer's own words."""
    lines = [string(value.get("text"))]
    for row in map(mapping, items(value.get("product_items"))[:MAX_LINES]):
        count, price = _amount(row.get("quantity")), _amount(row.get("item_price"))
        product = first_id(row.get("product_retailer_id"))
        cost = " ".join(filter(None, (price, string(row.get("currency"))))) if price else ""
        lines.append(", ".join(filter(None, (" × ".join(filter(None, (count, product))), cost))))
    return Said("order", "\n".join(filter(None, lines)))


def _amount(value: Any) -> str:
    if isinstance(value, float) and abs(value) < 10**12:  # false for NaN
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return identifier(value) or ""


def _unsupported(kind: str, value: dict[str, Any]) -> Said:
    return Said("unsupported")


READERS: dict[str, Callable[[str, dict[str, Any]], Said]] = {
    "text": _text,
    **dict.fromkeys(MEDIA, _media),
    "location": _location,
    "contacts": _text,  # a list, read apart
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "unsupported": _unsupported,
}
