"""WhatsApp Cloud API: business numbers and the people who write to them (PROTOCOLS 4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from . import _meta, _whatsapp_events
from ._graph import REPLY_REASONS, graph, posted
from ._http import bearer, origin_of, segment
from ._values import first_id, first_string, identifier, items, link, mapping, string
from .base import Client, Connected, MediaSource, Outgoing, PlatformError, Rejected, ReplyRules, TokenDead, Unavailable
from .events import Attachment, Profile

# Characters, and a day from the last message; then templates only (PROTOCOLS 4).
REPLIES = ReplyRules(
    4096, window=dt.timedelta(hours=24), reasons=REPLY_REASONS | {"131047": "window", "131026": "gone"}
)
CONTENT_KINDS = frozenset({"image", "video", "audio", "file", "sticker"})
CONTENT_HOSTS = ("lookaside.fbsbx.com", ".fbcdn.net")

handshake = _meta.handshake
verify = _meta.verify
parse = _whatsapp_events.parse


def profile(client: Client, external_id: str) -> Profile:
    """There is no profile endpoint: the name comes with every message (PROTOCOLS 4)."""
    raise Unavailable("names come with the messages", code="none")


def account(client: Client) -> Connected:
    """The number; a token tells none of its own, so `client.account_id` must hold the phone number id."""
    if not client.account_id:
        raise Rejected("a phone number id is needed", code="no_number")
    path = f"/{segment(client.account_id)}"
    try:
        answer = graph(client, "GET", path, params={"fields": "id,display_phone_number,verified_name"})
    except Unavailable as error:
        raise Rejected("the token sees no such number", code="no_number") from error
    if identifier(answer.get("id")) != client.account_id or not string(answer.get("display_phone_number")):
        raise Rejected("not a phone number id", code="no_number")
    return Connected(client.account_id, first_string(answer.get("verified_name"), answer["display_phone_number"]))


def connect(client: Client, webhook_url: str, *, repoint: bool = True) -> Connected:
    """Missing steps: `webhook_not_https`, `subscribe_failed`, `waba_unknown`.

    The WABA, whose webhook is to be subscribed, is named by the number's health status; an app that may not read it
    subscribes by hand.
    """
    number = account(client)
    missing = [] if webhook_url.startswith("https://") else ["webhook_not_https"]
    waba = _waba(client, f"/{segment(client.account_id)}")
    if not waba:
        missing.append("waba_unknown")
    elif not _subscribed(client, waba):
        missing.append("subscribe_failed")
    return replace(number, missing=tuple(missing))


def _waba(client: Client, path: str) -> str:
    """The account that a number belongs to; empty where the token may not know."""
    try:
        health = mapping(graph(client, "GET", path, params={"fields": "health_status"}).get("health_status"))
    except TokenDead:
        raise
    except PlatformError:
        return ""
    entities = [mapping(entity) for entity in items(health.get("entities"))]
    return first_id(*(entity.get("id") for entity in entities if entity.get("entity_type") == "WABA"))


def _subscribed(client: Client, waba: str) -> bool:
    """The fields are ticked in the app's dashboard; this makes the app hear of this account at all."""
    try:
        return graph(client, "POST", f"/{segment(waba)}/subscribed_apps").get("success") is True
    except TokenDead:
        raise
    except PlatformError:
        return False


def media(client: Client, attachment: Attachment) -> MediaSource:
    """The media id tells an address that lives minutes and wants the token (PROTOCOLS 4)."""
    if attachment.kind not in CONTENT_KINDS or not attachment.platform_ref:
        raise Rejected("no content at Meta", code="no_content")
    url = link(graph(client, "GET", f"/{segment(attachment.platform_ref)}").get("url"))
    if not url:
        raise Unavailable("no address in the answer", code="empty")
    return MediaSource(url, hosts=CONTENT_HOSTS, origins=(origin_of(client.base_url),), headers=bearer(client.token))


def send(client: Client, message: Outgoing) -> str:
    """The new message's wamid. Raises Uncertain where no answer came: no idempotency key exists.

    `biz_opaque_callback_data` comes back in every status of the message.
    """
    if not REPLIES.fits(message.text):
        raise Rejected("text too long", code="too_long")
    payload: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        # A person known by a business-scoped id only is named by another field.
        "to" if message.person_id.isdigit() else "recipient": message.person_id,
        "type": "text",
        "text": {"body": message.text},
        "biz_opaque_callback_data": message.retry_key,
    }
    if message.reply_to:
        payload["context"] = {"message_id": message.reply_to}
    sent = posted(client, f"/{segment(client.account_id)}/messages", payload).get("messages")
    return first_id(*(mapping(one).get("id") for one in items(sent)))
