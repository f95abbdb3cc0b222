"""Where a customer came from, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from .models import Channel, Identity

_SOURCES = {
    "ad": pgettext_lazy("came from", "an ad"),
    "link": pgettext_lazy("came from", "a link"),
    "post": pgettext_lazy("came from", "a post or product"),
    "optin": pgettext_lazy("came from", "an opt-in"),
    "other": pgettext_lazy("came from", "elsewhere"),
}


@dataclass(frozen=True, slots=True)
class CameFrom:
    """`source` is ours, "an ad"; `name` theirs: the ad's headline or the link's reference, untrusted."""

    source: str
    name: str
    at: dt.datetime
    channel: Channel


def source_name(source: str) -> str:
    """ "an ad"; empty for what is no source."""
    return str(_SOURCES.get(source, ""))


def came_from(identities: Iterable[Identity]) -> CameFrom | None:
    """The earliest origin that platforms told of, over all channels of a contact; None where none did."""
    told = [(one.origin_at, one.pk, one) for one in identities if one.origin_source and one.origin_at]
    if not told:
        return None
    at, _, identity = min(told)
    source = source_name(identity.origin_source) or source_name("other")
    return CameFrom(source, identity.origin_title or identity.origin_ref, at, identity.channel)
