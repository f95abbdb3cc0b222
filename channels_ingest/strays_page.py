"""What the page of stray events shows, and which of them a filter means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.models import Channel, Platform
from saifa_crm.lib.ids import read_id

from .models import StrayEvent

PER_PAGE = 50
MAX_SHOWN = 100_000  # characters of a body
REASONS: dict[str, Any] = {
    "unknown_kind": _("Of a kind that is not read yet"),
    "unreadable": _("Could not be read"),
    "group": _("From a group chat"),
    "no_person": _("Names nobody"),
    "not_connected": _("For an account that is not connected"),
    "failed": _("Could not be stored"),
    "too_many": _("Part of a very large delivery"),
}


@dataclass(frozen=True, slots=True)
class StrayFilter:
    """The filter of the page's address; a value that is not one filters nothing."""

    reason: str = ""
    platform: str = ""
    channel: int | None = None
    state: str = StrayEvent.State.KEPT.value

    @classmethod
    def read(cls, query: QueryDict) -> StrayFilter:
        channel = query.get("channel", "")
        return cls(
            reason=query.get("reason", "") if query.get("reason", "") in REASONS else "",
            platform=query.get("platform", "") if query.get("platform", "") in Platform.values else "",
            channel=read_id(channel),
            state=query.get("state", "") if query.get("state", "") in StrayEvent.State.values else "kept",
        )

    @property
    def lookups(self) -> dict[str, Any]:
        """Of the ORM, without the state: what a bulk action means."""
        chosen = {"reason": self.reason, "platform": self.platform, "channel_id": self.channel}
        return {name: value for name, value in chosen.items() if value}

    @property
    def query(self) -> str:
        pairs = QueryDict(mutable=True)
        shown = {"reason": self.reason, "platform": self.platform, "channel": self.channel, "state": self.state}
        pairs.update({name: str(value) for name, value in shown.items() if value and value != "kept"})
        return pairs.urlencode()

    def strays(self) -> QuerySet[StrayEvent]:
        return StrayEvent.objects.filter(**self.lookups, state=self.state)


def stray_page(filters: StrayFilter, number: str) -> Page[StrayEvent]:
    """One page, newest first; each row with its channel and who decided."""
    chosen = filters.strays().select_related("channel", "decided_by").defer("body").order_by("-pk")
    return Paginator(chosen, PER_PAGE).get_page(number)


def reason_words(reason: str) -> Any:
    return REASONS.get(reason, reason)


def choices() -> dict[str, Any]:
    """What can be filtered by."""
    return {
        "reasons": REASONS.items(),
        "platforms": Platform.choices,
        "channels": Channel.objects.all(),
        "states": StrayEvent.State.choices,
    }


def pretty(body: str) -> str:
    """A stray's body, indented; cut where it is huge."""
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError):
        text = body
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "\n…"
