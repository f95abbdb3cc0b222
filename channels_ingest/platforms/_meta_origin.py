"""Where a customer came from, as Meta tells it: referrals and opt-ins (PROTOCOLS 1.5, 2.4)."""

from __future__ import annotations

from typing import Any

from ._meta_item import Item
from ._values import first_id, first_string, mapping, shortened, string
from .events import AnyEvent, IgnoredEvent, Origin, OriginEvent

ENDED = frozenset({"STOP_NOTIFICATIONS", "STOP NOTIFICATIONS"})


def origin_of(referral: Any) -> Origin | None:
    """The origin that a referral tells of; None where it tells nothing."""
    told = mapping(referral)
    if not told:
        return None
    source = string(told.get("source")).upper()
    context, product = mapping(told.get("ads_context_data")), mapping(told.get("product"))
    ad_id = first_id(told.get("ad_id"))
    return Origin(
        _source(source, ad_id=ad_id, product=bool(product), ref=bool(told.get("ref"))),
        ref=shortened(told.get("ref")) or first_id(product.get("id")),
        ad_id=ad_id,
        title=shortened(context.get("ad_title")) or shortened(product.get("title")),
    )


def _source(source: str, *, ad_id: str, product: bool, ref: bool) -> str:
    """SHORTLINK is an m.me link, ig.me links print SHORTLINKS or name no source at all, ADS is an ad."""
    if ad_id or source == "ADS":
        return "ad"
    if product:
        return "post"
    if "LINK" in source or source == "MESSENGER_CODE" or (ref and not source):
        return "link"
    return "other"


def referral(item: Item) -> AnyEvent:
    """An open thread entered by a link or an ad."""
    person = item.customer()
    return OriginEvent(item.account, item.raw, person, origin_of(item.content()) or Origin("other"), item.sent_at)


def optin(item: Item) -> AnyEvent:
    """A plugin's or a notification's opt-in. A checkbox names only a user_ref: nobody is known by that yet.

    The token of a notification is a key to the person's inbox and is not kept.
    """
    content = item.content()
    person = item.customer()
    if content.get("notification_messages_status") in ENDED:
        return IgnoredEvent(item.account, item.raw, "not_used")
    ref = first_string(content.get("ref"), content.get("payload"))
    origin = Origin("optin", ref=shortened(ref), title=shortened(content.get("title")))
    return OriginEvent(item.account, item.raw, person, origin, item.sent_at)
