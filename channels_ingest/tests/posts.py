"""Signed posts to the real endpoints, and connected channels to post to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from django.test import Client

from channels_ingest.encryption import fingerprint
from channels_ingest.models import Connection, ConnectionState, MetaCredential
from contacts.models import Channel

LINE_SECRET = "line-secret"
APP_SECRET = "app-secret"
LINE_BOT = "U" + "b" * 32
TELEGRAM_SECRET = "telegram-secret"
BOT = "6100000001"
NUMBER = "106600000000101"
PAGE = "1020304050"
IG = "17841400000000001"
MS = 1_790_000_000_000  # 2026-09-21, milliseconds


def connect(platform: str, external_id: str, *, name: str = "Saifa Shop", scope: str = "") -> Channel:
    """A connected channel: LINE's secret is LINE_SECRET, Telegram's TELEGRAM_SECRET, Meta's APP_SECRET."""
    channel = Channel.objects.create(platform=platform, external_id=external_id, name=name, scope=scope)
    secrets = {"line": [LINE_SECRET], "telegram": [TELEGRAM_SECRET]}.get(platform, [])
    Connection.objects.create(channel=channel, secrets=secrets, token="token", state=ConnectionState.CONNECTED)
    if not secrets:
        MetaCredential.objects.get_or_create(
            kind="app_secret", fingerprint=fingerprint(APP_SECRET), defaults={"value": APP_SECRET}
        )
    return channel


def line_signature(body: bytes, secret: str = LINE_SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def meta_signature(body: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def as_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def post_line(channel: Channel, body: Any, *, client: Client | None = None, secret: str = LINE_SECRET) -> Any:
    raw = as_bytes(body)
    return (client or Client()).post(
        f"/webhooks/line/{channel.connection.webhook_key}/",
        raw,
        content_type="application/json",
        headers={"X-Line-Signature": line_signature(raw, secret)},
    )


def post_meta(platform: str, body: Any, *, client: Client | None = None, secret: str = APP_SECRET) -> Any:
    raw = as_bytes(body)
    return (client or Client()).post(
        f"/webhooks/{platform}/",
        raw,
        content_type="application/json",
        headers={"X-Hub-Signature-256": meta_signature(raw, secret)},
    )


def post_telegram(channel: Channel, body: Any, *, client: Client | None = None, secret: str = TELEGRAM_SECRET) -> Any:
    return (client or Client()).post(
        f"/webhooks/telegram/{channel.connection.webhook_key}/",
        as_bytes(body),
        content_type="application/json",
        headers={"X-Telegram-Bot-Api-Secret-Token": secret},
    )


def post(channel: Channel, body: Any, *, client: Client | None = None) -> Any:
    """A correctly signed post to the channel's own endpoint."""
    if channel.platform == "line":
        return post_line(channel, body, client=client)
    if channel.platform == "telegram":
        return post_telegram(channel, body, client=client)
    return post_meta(channel.platform, body, client=client)


def line_event(person: str, message_id: str, text: str = "สวัสดี", *, at: int = MS) -> dict[str, Any]:
    """A LINE text event of `person` at `at` milliseconds."""
    return {
        "type": "message",
        "mode": "active",
        "timestamp": at,
        "webhookEventId": f"01{message_id}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "r" * 32,
        "source": {"type": "user", "userId": person},
        "message": {"id": message_id, "type": "text", "text": text, "quoteToken": "q"},
    }


def line_body(*events: dict[str, Any], destination: str = LINE_BOT) -> dict[str, Any]:
    return {"destination": destination, "events": list(events)}


def page_item(person: str, mid: str, text: str = "hello", *, at: int = MS, page: str = PAGE) -> dict[str, Any]:
    """A Messenger `messaging[]` item of an inbound text."""
    return {
        "sender": {"id": person},
        "recipient": {"id": page},
        "timestamp": at,
        "message": {"mid": mid, "text": text},
    }


def page_body(*items: dict[str, Any], page: str = PAGE, object: str = "page") -> dict[str, Any]:
    return {"object": object, "entry": [{"id": page, "time": MS, "messaging": list(items)}]}


def whatsapp_message(person: str, wamid: str, text: str = "สวัสดี", *, at: int = MS // 1000) -> dict[str, Any]:
    """A WhatsApp `messages[]` item at `at` seconds."""
    return {"from": person, "id": wamid, "timestamp": str(at), "type": "text", "text": {"body": text}}


def whatsapp_body(
    *messages: dict[str, Any], names: dict[str, str] | None = None, number: str = NUMBER
) -> dict[str, Any]:
    """A delivery of one number; `names`: wa_id → profile name."""
    contacts = [{"wa_id": wa_id, "profile": {"name": name}} for wa_id, name in (names or {}).items()]
    metadata = {"display_phone_number": "6621234567", "phone_number_id": number}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": contacts, "messages": list(messages)}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "104900000000777", "changes": [{"value": value, "field": "messages"}]}],
    }


def telegram_body(
    person: int, message_id: int, text: str = "สวัสดี", *, at: int = MS // 1000, **user: Any
) -> dict[str, Any]:
    """An update with one private message at `at` seconds; `user` are more fields of its sender."""
    sender = {"id": person, "is_bot": False} | user
    chat = {"id": person, "type": "private"}
    message = {"message_id": message_id, "from": sender, "chat": chat, "date": at, "text": text}
    return {"update_id": 880_000 + message_id, "message": message}
