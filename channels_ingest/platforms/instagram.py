"""Instagram messaging, with Instagram Login or through a Facebook page (PROTOCOLS 2)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from . import _meta, _meta_content
from ._graph import (
    REPLY_REASONS,
    deliver,
    display_name,
    error_of,
    graph,
    subscribe,
    subscribed,
    text_message,
)
from ._http import call, segment
from ._values import identifier, link, mapping, string
from .base import Client, Connected, Outgoing, Rejected, Renewed, ReplyRules, Unavailable
from .events import AnyEvent, Profile

CORE_FIELDS = "messages,messaging_postbacks"
FIELDS = CORE_FIELDS + ",messaging_seen,message_reactions,messaging_referral"
ALL_FIELDS = FIELDS + ",message_edit,messaging_optins,messaging_handover,standby"

# Bytes of UTF-8, some 333 Thai characters, and a day from the last message (PROTOCOLS 2.7).
REPLIES = ReplyRules(1000, unit="bytes", window=dt.timedelta(hours=24), reasons=REPLY_REASONS)

PAGE_FIELDS = "messages"  # one field of the page brings the account's events; the app chooses those of `instagram`
TOKEN_LIFE = dt.timedelta(days=60)  # of an Instagram Login token
MAX_TOKEN = 1000  # characters
MAX_LIFE = 400 * 24 * 3600  # seconds; more is no answer to be trusted

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


def account(client: Client) -> Connected:
    """The professional account behind a token of its own, or of the page it is linked to.

    With Instagram Login it has two ids: webhooks carry `user_id`, never the app-scoped `id` (PROTOCOLS 2.1), so
    without a `user_id` nothing is connected.
    """
    if client.via_page:
        answer = graph(client, "GET", "/me", params={"fields": "id,name,instagram_business_account{id,username}"})
        row = mapping(answer.get("instagram_business_account"))
        found = identifier(row.get("id"))
    else:
        answer = graph(client, "GET", "/me", params={"fields": "id,user_id,username"})
        rows = answer.get("data")  # some answers wrap the row
        row = mapping(rows[0]) if isinstance(rows, list) and rows else answer
        found = identifier(row.get("user_id"))
    if found is None:
        raise Rejected("no professional account behind this token", code="no_user_id")
    if client.account_id and client.account_id != found:
        raise Rejected("the token belongs to another account", code="account_mismatch")
    return Connected(found, string(row.get("username")) or found, via_page=client.via_page)


def connect(client: Client, webhook_url: str, *, repoint: bool = True) -> Connected:
    """Missing steps: `subscribe_failed`, `webhook_not_https`.

    Through a page it is the page that is subscribed (PROTOCOLS 2.1). Subscribing takes nothing from another app, so
    the daily check makes a lost subscription good.
    """
    found = account(client)
    if client.via_page:
        return subscribed(found, webhook_url, subscribe(client, "me", PAGE_FIELDS))
    return subscribed(found, webhook_url, subscribe(client, found.external_id, ALL_FIELDS, FIELDS, CORE_FIELDS))


def ways(token: str) -> tuple[bool, ...]:
    """What `via_page` may be for a token: the two kinds start differently; where neither fits, both are tried."""
    if token.startswith("IG"):
        return (False,)
    return (True,) if token.startswith("EA") else (False, True)


def refresh(client: Client) -> Renewed:
    """A token for another 60 days, for one that is at least 24 hours old and has not expired (PROTOCOLS 2.1).

    The one call whose token is documented as a parameter only; the address has no version.
    """
    url = re.sub(r"/v\d+\.\d+$", "", client.base_url.rstrip("/")) + "/refresh_access_token"
    params = {"grant_type": "ig_refresh_token", "access_token": client.token}
    answer = call(client, "GET", url, params=params, in_header=False)
    if error := error_of(answer):
        raise error
    body = mapping(answer.body)
    token, expires_in = string(body.get("access_token")).strip(), body.get("expires_in")
    if not token or not token.isascii() or not token.isprintable() or len(token) > MAX_TOKEN:
        raise Rejected("no token in the answer", code="no_token")
    if not isinstance(expires_in, int) or not 0 < expires_in <= MAX_LIFE:
        raise Rejected("no time in the answer", code="no_expiry")
    return Renewed(token, expires_in)


def send(client: Client, message: Outgoing) -> str:
    """The new message's mid. Raises Uncertain where no answer came: wait for the echo, do not send again."""
    if not REPLIES.fits(message.text):
        raise Rejected("text too long", code="too_long")
    payload = {"recipient": {"id": message.person_id}, "message": text_message(message)}
    sender = "me" if client.via_page else client.account_id or "me"  # the page's token, and the page sends
    return deliver(client, f"/{segment(sender)}/messages", payload)
