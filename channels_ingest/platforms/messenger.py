"""Facebook Messenger: pages and the people who write to them (PROTOCOLS 1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from . import _meta, _meta_content
from ._graph import REPLY_REASONS, deliver, display_name, graph, subscribe, subscribed, text_message
from ._http import segment
from ._values import identifier, link, string
from .base import Client, Connected, Outgoing, Rejected, ReplyRules, Unavailable
from .events import AnyEvent, Profile

CORE_FIELDS = "messages,message_echoes,messaging_postbacks"
FIELDS = CORE_FIELDS + ",message_reads,message_deliveries,message_reactions,message_edits,messaging_referrals,standby"
ALL_FIELDS = (  # some of these are refused to apps without a permission that others need
    FIELDS + ",messaging_optins,messaging_account_linking,messaging_handovers,messaging_policy_enforcement"
    ",response_feedback,send_cart"
)

# Characters, and a day from the last message (PROTOCOLS 1.8).
REPLIES = ReplyRules(2000, window=dt.timedelta(hours=24), reasons=REPLY_REASONS)

handshake = _meta.handshake
verify = _meta.verify
media = _meta_content.media


def parse(body: Any) -> Iterator[AnyEvent]:
    return _meta.parse(body, "page")


def profile(client: Client, external_id: str) -> Profile:
    """Asks for what every app may have; locale and gender need permissions and would fail the whole call."""
    answer = graph(
        client, "GET", f"/{segment(external_id)}", params={"fields": "first_name,last_name,name,profile_pic"}
    )
    name = display_name(answer)
    if not name:  # 200 with {}: no access to this person (PROTOCOLS 1.6)
        raise Unavailable("no name in the answer", code="empty")
    return Profile(name, picture_url=link(answer.get("profile_pic")))


def account(client: Client) -> Connected:
    """The page behind a token."""
    answer = graph(client, "GET", "/me", params={"fields": "id,name"})
    page = identifier(answer.get("id"))
    if page is None:
        raise Rejected("no page behind this token", code="no_id")
    if client.account_id and client.account_id != page:
        raise Rejected("the token belongs to another page", code="account_mismatch")
    return Connected(page, string(answer.get("name")) or page)


def connect(client: Client, webhook_url: str, *, repoint: bool = True) -> Connected:
    """Missing steps: `subscribe_failed`, `webhook_not_https`. The callback URL is set in Meta's dashboard.

    Subscribing takes nothing from another app, so the daily check makes a lost subscription good.
    """
    page = account(client)
    return subscribed(page, webhook_url, subscribe(client, page.external_id, ALL_FIELDS, FIELDS, CORE_FIELDS))


def send(client: Client, message: Outgoing) -> str:
    """The new message's mid. Raises Uncertain where no answer came: wait for the echo, do not send again."""
    if not REPLIES.fits(message.text):
        raise Rejected("text too long", code="too_long")
    payload = {
        "recipient": {"id": message.person_id},
        "messaging_type": "RESPONSE",
        "message": text_message(message),
    }
    return deliver(client, f"/{segment(client.account_id or 'me')}/messages", payload)
