"""How channels have fared in the last 24 hours: figures and a sparkline, one query for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from django.utils import timezone

from inbox.models import Gap
from saifa_crm.lib import dates

from .counters import BUCKET, COLUMNS, bucket_of
from .models import Count, Notice, StrayEvent

BUCKETS = 24 * 3600 // BUCKET
HEIGHT = 24  # of the sparkline, in units of its view box; a bucket is one unit wide
HOUR = 3600 // BUCKET  # buckets
BAR_STEP, BAR_TOP = 5.5, 32.0  # of the small chart: from bar to bar, and the highest
GAPS_SHOWN = NOTICES_SHOWN = 20


@dataclass(slots=True)
class Day:
    """Sums of 24 hours by name, and events by ten minutes, oldest first."""

    start: dt.datetime
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    events: list[int] = field(default_factory=lambda: [0] * BUCKETS)

    @property
    def bars(self) -> list[tuple[float, float, float]]:
        """Of a small chart, one an hour: x, y and height; an hour without events keeps a stump."""
        hours = [sum(self.events[place : place + HOUR]) for place in range(0, BUCKETS, HOUR)]
        top = max(*hours, 1)
        heights = [max(1.5, events * BAR_TOP / top) for events in hours]
        return [(place * BAR_STEP, BAR_TOP - height, height) for place, height in enumerate(heights)]

    @property
    def points(self) -> str:
        """Of an SVG polyline."""
        top = max(*self.events, 1)
        return " ".join(f"{x},{HEIGHT - 1 - events * (HEIGHT - 2) / top:.1f}" for x, events in enumerate(self.events))

    @property
    def per_minute(self) -> float:
        """Events a minute in the busiest ten minutes."""
        return max(self.events) * 60 / BUCKET

    @property
    def busiest(self) -> str:
        """The busiest ten minutes: "14:10–14:20"."""
        at = self.start + dt.timedelta(seconds=BUCKET * self.events.index(max(self.events)))
        return f"{dates.format_time(at)}–{dates.format_time(at + dt.timedelta(seconds=BUCKET))}"


def days(channel_ids: Collection[int]) -> dict[int, Day]:
    """The last 24 hours of each channel."""
    first = bucket_of(timezone.now()) - (BUCKETS - 1) * BUCKET
    start = dt.datetime.fromtimestamp(first, dt.UTC)
    found = {channel_id: Day(start) for channel_id in channel_ids}
    rows = Count.objects.filter(channel_id__in=channel_ids, at__gte=start).values_list("channel_id", "at", *COLUMNS)
    for channel_id, at, *numbers in rows:
        day = found[channel_id]
        for name, number in zip(COLUMNS, numbers, strict=True):
            day.sums[name] += number
        place = (bucket_of(at) - first) // BUCKET
        if place < BUCKETS:
            day.events[place] += numbers[0]
    return found


def gaps_of(channel_id: int) -> list[Gap]:
    """The newest stretches in which messages may be missing."""
    return list(Gap.objects.filter(channel_id=channel_id).order_by("-started_at", "-pk")[:GAPS_SHOWN])


def notices_of(channel_id: int) -> list[Notice]:
    """What the platform last told of the account: what must be acted on first."""
    chosen = Notice.objects.filter(channel_id=channel_id).order_by("-at", "-pk")[:NOTICES_SHOWN]
    return sorted(chosen, key=lambda notice: not (notice.serious and not notice.dismissed_at))


def serious_notices(channel_ids: Collection[int]) -> dict[int, list[Notice]]:
    """Serious notices that nobody has read yet, by channel, newest first. One query."""
    found: dict[int, list[Notice]] = {}
    chosen = Notice.objects.filter(channel_id__in=channel_ids, serious=True, dismissed_at__isnull=True)
    for notice in chosen.order_by("-at", "-pk"):
        found.setdefault(notice.channel_id, []).append(notice)
    return found


def strays_kept(channel_id: int) -> int:
    """How many strays of the channel wait for a decision."""
    return StrayEvent.objects.filter(channel_id=channel_id, state=StrayEvent.State.KEPT).count()
