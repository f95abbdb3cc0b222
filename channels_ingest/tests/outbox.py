"""Chats to answer, replies queued in them, and a platform that answers as told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from pytest_httpserver import HTTPServer

from channels_ingest.models import Connection
from channels_ingest.outbound import message_send
from contacts.models import Contact, Identity
from inbox.models import Conversation, Message
from inbox.replies import message_queue

from .posts import IG, LINE_BOT, PAGE, connect

ACCOUNTS = {"facebook": PAGE, "instagram": IG, "line": LINE_BOT}
PATHS = {
    "facebook": f"/v25.0/{PAGE}/messages",
    "instagram": f"/v25.0/{IG}/messages",
    "line": "/v2/bot/message/push",
}


def sandboxed(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    """The server that sandbox connections call."""
    settings.SANDBOX_BASE_URL = httpserver.url_for("").rstrip("/")
    return httpserver


def make_chat(platform: str = "facebook", *, wrote: dt.datetime | None = None, person: str = "9001") -> Conversation:
    """Somebody who wrote just now (or at `wrote`) to a connected sandbox channel."""
    connection = Connection.objects.filter(channel__platform=platform).first()
    channel = connection.channel if connection else connect(platform, ACCOUNTS[platform])
    Connection.objects.update(is_sandbox=True)
    contact = Contact.objects.create(name="Nattaya Boonmee")
    identity = Identity.objects.create(channel=channel, contact=contact, external_id=person)
    at = wrote or timezone.now() - dt.timedelta(minutes=5)
    chat = Conversation.objects.create(identity=identity, last_in_at=at, last_message_at=at, unread=1)
    Message.objects.create(conversation=chat, platform_id=f"in-{person}", direction="in", text="Hello?", sent_at=at)
    return chat


def queue(chat: Conversation, text: str = "พร้อมส่งค่ะ", **named: Any) -> Message:
    sender, _ = User.objects.get_or_create(username="fern")
    return message_queue(conversation_id=chat.pk, text=text, sender=sender, **named)


def accept(platform: HTTPServer, name: str = "facebook", platform_id: str = "mid.1", **named: Any) -> None:
    """Take the next reply."""
    answers = {"line": {"sentMessages": [{"id": platform_id}]}}
    body = answers.get(name, {"recipient_id": "9001", "message_id": platform_id})
    platform.expect_oneshot_request(PATHS[name], method="POST").respond_with_json(body, **named)


def refuse(platform: HTTPServer, code: int, sub: int = 0, status: int = 400, name: str = "facebook") -> None:
    """Refuse the next reply with one of Meta's codes."""
    error = {"message": "no", "type": "OAuthException", "code": code, "error_subcode": sub}
    platform.expect_oneshot_request(PATHS[name], method="POST").respond_with_json({"error": error}, status=status)


def gateway_error(platform: HTTPServer, name: str = "facebook") -> None:
    """No answer of the platform's own: the next reply may have gone out."""
    platform.expect_oneshot_request(PATHS[name], method="POST").respond_with_data("<html>bad gateway", status=502)


def send(message: Message) -> Message:
    """Let a worker at it; the row as it is after."""
    message_send(message_id=message.pk)
    message.refresh_from_db()
    return message


def make_due(message: Message) -> None:
    """The wait is over."""
    Message.objects.filter(pk=message.pk).update(send_after=timezone.now() - dt.timedelta(seconds=1))
