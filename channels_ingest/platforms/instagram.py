"""Instagram messaging, with Instagram Login (PROTOCOLS 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from . import _meta, _meta_content
from ._graph import REPLY_REASONS, deliver, display_name, graph, subscribe, text_message
from ._http import segment
from ._values import identifier, link, mapping, string
from .base import AnyEvent, Client, Connected, Outgoing, Profile, Rejected, ReplyRules, Unavailable

CORE_FIELDS = "messages,messaging_postbacks"
FIELDS = CORE_FIELDS + ",messaging_seen,message_reactions,messaging_referral"
ALL_FIELDS = FIELDS + ",message_edit,messaging_optins,messaging_handover,standby"

# Bytes of UTF-8, some 333 Thai characters, and a day from the last message (PROTOCOLS 2.7).
REPLIES = ReplyRules(1000, unit="bytes", window=dt.timedelta(hours=24), reasons=REPLY_REASONS)

handshake = _meta.handshake
verify = _meta.verify
media = _meta_content.media


def parse(body: Any) -> Iterator[AnyEvent]:
    return _meta.parse(body, "instagram")


def profile(client: Client, external_id: str) -> Profile:
    """`name` may be null: the username stands in. 230 (no consent yet) and 9010 (unknown): Unavailable."""
    answer = graph(client, "GET", f"/{segment(external_id)}", params={"fields": "name,username,profile_pic"})
    username = string(answer.get("username")).strip()
    name = display_name(answer) or username
    if not name:
        raise Unavailable("no name in the answer", code="empty")
    return Profile(name, picture_url=link(answer.get("profile_pic")), username=username)


def connect(client: Client, webhook_url: str) -> Connected:
    """Missing steps: `subscribe_failed`, `webhook_not_https`.

    The account has two ids: webhooks carry `user_id`, never the app-scoped `id` (PROTOCOLS 2.1), so without a
    `user_id` nothing is connected.
    """
    answer = graph(client, "GET", "/me", params={"fields": "id,user_id,username"})
    rows = answer.get("data")  # some answers wrap the row
    row = mapping(rows[0]) if isinstance(rows, list) and rows else answer
    account = identifier(row.get("user_id"))
    if account is None:
        raise Rejected("no professional account behind this token", code="no_user_id")
    if client.account_id and client.account_id != account:
        raise Rejected("the token belongs to another account", code="account_mismatch")
    missing = [] if webhook_url.startswith("https://") else ["webhook_not_https"]
    if not subscribe(client, account, ALL_FIELDS, FIELDS, CORE_FIELDS):
        missing.append("subscribe_failed")
    return Connected(account, string(row.get("username")) or account, tuple(missing))


def send(client: Client, message: Outgoing) -> str:
    """The new message's mid. Raises Uncertain where no answer came: wait for the echo, do not send again."""
    if not REPLIES.fits(message.text):
        raise Rejected("text too long", code="too_long")
    payload = {"recipient": {"id": message.person_id}, "message": text_message(message)}
    return deliver(client, f"/{segment(client.account_id or 'me')}/messages", payload)
