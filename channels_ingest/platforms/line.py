"""LINE Messaging API: official accounts and the people who write to them (PROTOCOLS 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _line_events, _signature
from ._http import Answer, bearer, call, origin_of, segment, wait_of
from ._values import first_id, identifier, link, mapping, string
from .base import (
    Client,
    Connected,
    MediaSource,
    Outgoing,
    PlatformError,
    Quota,
    Rejected,
    ReplyRules,
    RetryLater,
    TokenDead,
    Unavailable,
)
from .events import Attachment, Profile

MAX_WEBHOOK_URL = 500
ENDPOINT = "/v2/bot/channel/webhook/endpoint"
CONTENT_KINDS = frozenset({"image", "video", "audio", "file"})
QUOTA_REACHED = "You have reached your monthly limit."  # the text alone tells quota from rate (PROTOCOLS 3.8)

parse = _line_events.parse


def handshake(params: Mapping[str, str], verify_tokens: Sequence[str]) -> str | None:
    """LINE has none: its check is a signed POST (PROTOCOLS 3.1)."""
    return None


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """`X-Line-Signature` over the raw bytes with the channel secret."""
    signature = _signature.header(headers, "X-Line-Signature")
    return _signature.signed(body, signature, secrets, _signature.line_form)


def profile(client: Client, external_id: str) -> Profile:
    """404 is blocked, never a friend, no consent or unknown: none to be retried (PROTOCOLS 3.6)."""
    answer = call(client, "GET", _url(client, f"/v2/bot/profile/{segment(external_id)}"))
    if answer.status in (400, 404):
        raise Unavailable("no profile", code=str(answer.status))
    body = _checked(answer)
    name = string(body.get("displayName")).strip()
    if not name:
        raise Unavailable("no name in the answer", code="empty")
    return Profile(name, picture_url=link(body.get("pictureUrl")), language=string(body.get("language")))


def account(client: Client) -> Connected:
    """The official account behind a token."""
    info = _checked(call(client, "GET", _url(client, "/v2/bot/info")))
    bot = identifier(info.get("userId"))
    if bot is None:
        raise Rejected("no account behind this token", code="no_id")
    if client.account_id and client.account_id != bot:
        raise Rejected("the token belongs to another account", code="account_mismatch")
    return Connected(bot, string(info.get("displayName")) or bot)


def connect(client: Client, webhook_url: str, *, repoint: bool = True) -> Connected:
    """Missing steps: `webhook_not_https`, `subscribe_failed`, `webhook_elsewhere` (another server has it now),
    `use_webhook_off` (a console switch)."""
    return replace(account(client), missing=_missing(client, webhook_url, repoint))


def _missing(client: Client, webhook_url: str, repoint: bool) -> tuple[str, ...]:
    if not webhook_url.startswith("https://") or len(webhook_url) > MAX_WEBHOOK_URL:
        return ("webhook_not_https",)
    try:
        now = _endpoint(client)
        if now.get("endpoint") != webhook_url:
            if not repoint and string(now.get("endpoint")):
                return ("webhook_elsewhere",)
            _checked(call(client, "PUT", _url(client, ENDPOINT), payload={"endpoint": webhook_url}))
            now = _endpoint(client)
    except TokenDead:
        raise
    except PlatformError:
        return ("subscribe_failed",)
    return () if now.get("active") is True else ("use_webhook_off",)


def _endpoint(client: Client) -> dict[str, Any]:
    """Where LINE posts to, and whether it does; empty where no address was ever set (404)."""
    answer = call(client, "GET", _url(client, ENDPOINT))
    return {} if answer.status == 404 else _checked(answer)


def send(client: Client, message: Outgoing) -> str:
    """Pushes; the retry key makes a repeat harmless for 24 h. The message's id, empty where not told."""
    if not REPLIES.fits(message.text):
        raise Rejected("text too long", code="too_long")
    answer = call(
        client,
        "POST",
        _url(client, "/v2/bot/message/push"),
        payload={"to": message.person_id, "messages": [{"type": "text", "text": message.text}]},
        headers={"X-Line-Retry-Key": message.retry_key},
    )
    # 409: an earlier attempt with this key was accepted, which is success (PROTOCOLS 3.8).
    body = mapping(answer.body) if answer.status == 409 else _checked(answer)
    sent = body.get("sentMessages")
    return first_id(mapping(sent[0]).get("id")) if isinstance(sent, list) and sent else ""


def media(client: Client, attachment: Attachment) -> MediaSource:
    """The content API, for 202 while it prepares large media. What is not kept by LINE (`external`) has no id and
    is never fetched, a sticker's picture is not there at all (PROTOCOLS 3.7)."""
    if attachment.kind not in CONTENT_KINDS or not attachment.platform_ref:
        raise Rejected("no content at LINE", code="no_content")
    path = f"/v2/bot/message/{segment(attachment.platform_ref)}/content"
    origins = (origin_of(client.data_url),)
    return MediaSource(client.data_url.rstrip("/") + path, origins=origins, headers=bearer(client.token))


def quota(client: Client) -> Quota:
    """What the month's plan holds and what is used of it; an unlimited plan has no total (PROTOCOLS 3.8)."""
    plan = _checked(call(client, "GET", _url(client, "/v2/bot/message/quota")))
    used = _checked(call(client, "GET", _url(client, "/v2/bot/message/quota/consumption"))).get("totalUsage")
    total = plan.get("value")
    if not isinstance(used, int):
        raise Rejected("no usage in the answer", code="empty")
    return Quota(used, total if plan.get("type") == "limited" and isinstance(total, int) else None)


# UTF-16 units; a retry key counts for 24 hours, less what two clocks may differ by (PROTOCOLS 3.8). Reply tokens
# live a minute and staff answer later: replies are pushed, and paid from the quota.
REPLIES = ReplyRules(5000, unit="utf16", repeatable=dt.timedelta(hours=23), quota=quota)


def _url(client: Client, path: str) -> str:
    return client.base_url.rstrip("/") + path


def _checked(answer: Answer) -> dict[str, Any]:
    """The JSON object of a success; raises by status (the texts are for people)."""
    status = str(answer.status)
    if answer.ok and isinstance(answer.body, dict):
        return answer.body
    if answer.status == 401:
        raise TokenDead("token refused", code=status)
    if answer.status == 429 and mapping(answer.body).get("message") == QUOTA_REACHED:
        raise Rejected("monthly quota used up", code="quota")
    if answer.ok or answer.status == 429 or answer.status >= 500:
        limited = answer.status == 429
        raise RetryLater("line answered " + status, code=status, after=wait_of(answer.headers), limited=limited)
    raise Rejected("line answered " + status, code=status)
