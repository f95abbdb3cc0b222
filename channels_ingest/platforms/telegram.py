"""Telegram bots and the people who write to them (PROTOCOLS 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _signature, _telegram_events
from ._http import MAX_WAIT, Answer, TimedOut, call, origin_of
from ._values import count, first_id, first_string, identifier, items, mapping, string
from .base import (
    Client,
    Connected,
    MediaSource,
    Outgoing,
    PlatformError,
    Rejected,
    ReplyRules,
    RetryLater,
    TokenDead,
    Unavailable,
    Uncertain,
)
from .events import Attachment, Profile

REPLIES = ReplyRules(4096, reasons={"403": "blocked"})
UPDATES = (
    "message", "edited_message", "callback_query", "my_chat_member", "message_reaction", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages",
)  # fmt: skip
MAX_CONNECTIONS = 40
CONTENT_KINDS = frozenset({"image", "video", "audio", "file", "sticker"})
_FILE_PATH = re.compile(r"[A-Za-z0-9_./-]{1,500}")

parse = _telegram_events.parse


def handshake(params: Mapping[str, str], verify_tokens: Sequence[str]) -> str | None:
    """Telegram has none: `setWebhook` is called instead (PROTOCOLS 0)."""
    return None


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """`X-Telegram-Bot-Api-Secret-Token` is one of the tokens we gave `setWebhook`; the body is not signed."""
    return _signature.one_of(_signature.header(headers, "X-Telegram-Bot-Api-Secret-Token"), secrets)


def profile(client: Client, external_id: str) -> Profile:
    """The private chat with a person. A photo would have to be fetched by an address that holds the token."""
    try:
        chat = _result(_asked(client, "getChat", {"chat_id": external_id}))
    except Rejected as error:  # 400 "chat not found": never wrote, or is gone
        raise Unavailable(str(error), code=error.code) from None
    name = " ".join(filter(None, (string(chat.get(key)).strip() for key in ("first_name", "last_name"))))
    username = string(chat.get("username")).strip()
    if not name and not username:
        raise Unavailable("no name in the answer", code="empty")
    return Profile(name or username, username=username)


def account(client: Client) -> Connected:
    """The bot behind a token."""
    bot = _result(_asked(client, "getMe"))
    found = identifier(bot.get("id"))
    if found is None:
        raise Rejected("no bot behind this token", code="no_id")
    if client.account_id and client.account_id != found:
        raise Rejected("the token belongs to another bot", code="account_mismatch")
    name = first_string(bot.get("first_name"), bot.get("username"), found)
    return Connected(found, name)


def connect(client: Client, webhook_url: str, *, repoint: bool = True) -> Connected:
    """Sets the webhook with the connection's secret. Missing steps: `webhook_not_https`, `webhook_secret`,
    `webhook_elsewhere` (another server has it now), `subscribe_failed`, `webhook_failing`."""
    return replace(account(client), missing=_missing(client, webhook_url, repoint))


def _missing(client: Client, webhook_url: str, repoint: bool) -> tuple[str, ...]:
    if not webhook_url.startswith("https://"):
        return ("webhook_not_https",)
    if not client.webhook_secret:
        return ("webhook_secret",)
    wanted = {
        "url": webhook_url,
        "secret_token": client.webhook_secret,
        "allowed_updates": list(UPDATES),
        "max_connections": MAX_CONNECTIONS,
    }
    try:
        if not repoint and string(_result(_asked(client, "getWebhookInfo")).get("url")) not in ("", webhook_url):
            return ("webhook_elsewhere",)
        _checked(_asked(client, "setWebhook", wanted))
        now = _result(_asked(client, "getWebhookInfo"))
    except TokenDead:
        raise
    except PlatformError:
        return ("subscribe_failed",)
    if now.get("url") != webhook_url or not set(UPDATES) <= set(map(string, items(now.get("allowed_updates")))):
        return ("subscribe_failed",)
    waiting = count(now.get("pending_update_count")) or 0
    return ("webhook_failing",) if waiting and string(now.get("last_error_message")) else ()


def send(client: Client, message: Outgoing) -> str:
    """The new message's chat:message id. Raises Uncertain where no answer came: no idempotency key exists."""
    if not REPLIES.fits(message.text):
        raise Rejected("text too long", code="too_long")
    payload: dict[str, Any] = {"chat_id": message.person_id, "text": message.text}
    answered = message.reply_to.rpartition(":")[2]
    if answered.isascii() and answered.isdigit():
        payload["reply_parameters"] = {"message_id": int(answered[:18]), "allow_sending_without_reply": True}
    try:
        answer = _asked(client, "sendMessage", payload)
    except TimedOut as error:
        raise Uncertain(str(error), code=error.code) from None
    if answer.status >= 500 or (answer.ok and not isinstance(answer.body, dict)):
        raise Uncertain("telegram answered " + str(answer.status), code=str(answer.status))
    sent = _result(answer)
    chat, message_id = first_id(mapping(sent.get("chat")).get("id")), first_id(sent.get("message_id"))
    return f"{chat or message.person_id}:{message_id}" if message_id else ""


def media(client: Client, attachment: Attachment) -> MediaSource:
    """`getFile` tells where, for an hour; the address holds the bot's token and is never stored or shown.

    Files above 20 MB are not given to bots: 400, which no retry helps.
    """
    if attachment.kind not in CONTENT_KINDS or not attachment.platform_ref:
        raise Rejected("no file at Telegram", code="no_content")
    path = string(_result(_asked(client, "getFile", {"file_id": attachment.platform_ref})).get("file_path"))
    if not _FILE_PATH.fullmatch(path) or ".." in path:
        raise Unavailable("no path in the answer", code="empty")
    base = client.base_url.rstrip("/")
    return MediaSource(f"{base}/file/bot{client.token}/{path}", origins=(origin_of(base),))


def _asked(client: Client, method: str, payload: Mapping[str, Any] | None = None) -> Answer:
    """One call. The token is part of the path, which no error and no log may show (_http)."""
    if not client.token or not set(client.token) <= TOKEN_CHARACTERS:
        raise TokenDead("not a bot token", code="bad_token")
    url = f"{client.base_url.rstrip('/')}/bot{client.token}/{method}"
    return call(client, "POST", url, payload=payload or {}, in_header=False)


TOKEN_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_-")


def _result(answer: Answer) -> dict[str, Any]:
    return mapping(_checked(answer).get("result"))


def _checked(answer: Answer) -> dict[str, Any]:
    """The JSON object of a success; raises by code (the descriptions are for people)."""
    body = mapping(answer.body)
    if answer.ok and body.get("ok") is True:
        return body
    status = str(answer.status)
    if answer.status in (401, 404):  # revoked, or never one: an unknown token has no methods
        raise TokenDead("token refused", code=status)
    if answer.status == 403:
        raise Rejected("the person has stopped the bot", code="403")
    if answer.status == 429:
        after = count(mapping(body.get("parameters")).get("retry_after"))
        wait = None if after is None else min(float(after), MAX_WAIT)
        raise RetryLater("too many calls", code="429", after=wait, limited=True)
    if answer.ok or answer.status >= 500:
        raise RetryLater("telegram answered " + status, code=status)
    raise Rejected("telegram answered " + status, code=status)
