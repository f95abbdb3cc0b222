"""Webhook bodies for the demo's chats, in the platforms' own shapes, and their signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from .chats import CONTENT, Line

BATCH = 50  # events a post
DOCUMENT = "ใบรับรองภาษี 2569.pdf"


def _milliseconds(line: Line) -> int:
    return int(line.at.timestamp() * 1000)


def _content(line: Line, account_id: str) -> dict[str, Any]:
    """The `message` of a Meta item."""
    message: dict[str, Any] = {"mid": f"m_{line.key}"}
    if line.kind in ("in", "out"):
        message["text"] = line.text
    elif line.kind == "location":
        place = {"title": "Pinned location", "payload": {"coordinates": {"lat": 13.7563, "long": 100.5018}}}
        message["attachments"] = [{"type": "location", **place}]
    elif line.kind == "sticker":
        payload = {"sticker_id": 369239263222822}
        message["attachments"] = [{"type": "sticker", "payload": payload}]
    else:
        kind = {"voice": "audio"}.get(line.kind, line.kind)
        url = f"{settings.SANDBOX_BASE_URL}/cdn/{line.key}.{CONTENT[line.kind]}"
        message["attachments"] = [{"type": kind, "payload": {"url": url}}]
        if line.kind == "file":
            message["attachments"][0]["payload"]["title"] = DOCUMENT
    if line.kind == "out":
        message["is_echo"] = True
        message["app_id"] = 263902037430900  # written in the page's own inbox
    return message


def meta_body(lines: Sequence[Line], *, platform: str, account_id: str) -> bytes:
    """One delivery of several messages; ASCII-escaped, as Meta sends it."""
    items = []
    for line in lines:
        person, account = {"id": line.account.person_id}, {"id": account_id}
        sender, recipient = (account, person) if line.kind == "out" else (person, account)
        items.append(
            {
                "sender": sender,
                "recipient": recipient,
                "timestamp": _milliseconds(line),
                "message": _content(line, account_id),
            }
        )
    kind = "page" if platform == "facebook" else "instagram"
    entry = {"id": account_id, "time": _milliseconds(lines[-1]), "messaging": items}
    return json.dumps({"object": kind, "entry": [entry]}).encode()


def line_body(lines: Sequence[Line], *, account_id: str) -> bytes:
    """One delivery of LINE events; the shop's own answers never come by webhook there."""
    events = []
    for number, line in enumerate(lines):
        message: dict[str, Any] = {"id": line.key, "type": "text", "text": line.text, "quoteToken": "q"}
        if line.kind == "sticker":
            message = {"id": line.key, "type": "sticker", "packageId": "446", "stickerId": "1988"}
        elif line.kind == "image":
            message = {"id": line.key, "type": "image", "contentProvider": {"type": "line"}}
        elif line.kind == "voice":
            provider = {"type": "line"}
            message = {"id": line.key, "type": "audio", "duration": 3000, "contentProvider": provider}
        elif line.kind == "file":
            message = {"id": line.key, "type": "file", "fileName": DOCUMENT, "fileSize": 270}
        elif line.kind == "location":
            message = {"id": line.key, "type": "location", "title": "Home", "latitude": 13.7563, "longitude": 100.5018}
        events.append(
            {
                "type": "message",
                "mode": "active",
                "timestamp": _milliseconds(line),
                "source": {"type": "user", "userId": line.account.person_id},
                "webhookEventId": f"demo{line.key}",
                "deliveryContext": {"isRedelivery": False},
                "replyToken": f"{number:032d}"[::-1] + "a",
                "message": message,
            }
        )
    return json.dumps({"destination": account_id, "events": events}, ensure_ascii=False).encode()


def meta_signature(body: bytes, app_secret: str) -> dict[str, str]:
    """The header Meta signs a body with."""
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()}


def line_signature(body: bytes, channel_secret: str) -> dict[str, str]:
    """The header LINE signs a body with."""
    digest = hmac.new(channel_secret.encode(), body, hashlib.sha256).digest()
    return {"X-Line-Signature": base64.b64encode(digest).decode()}
