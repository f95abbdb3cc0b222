"""Stretches in which messages of a channel may have been missed: opened and closed, or added whole. Set-based."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import Max, Min, Q, Value
from django.db.models.functions import Greatest

from saifa_crm.lib.locks import lock_name

from .models import Gap


@transaction.atomic
def gap_open(*, channel_ids: Collection[int], reason: str, started_at: dt.datetime) -> None:
    """A stretch begins that still lasts; one that is open already goes on, as does one it touches. For few channels."""
    _one_at_a_time()
    lasting = set(
        Gap.objects.filter(channel_id__in=channel_ids, reason=reason, ended_at__isnull=True).values_list(
            "channel_id", flat=True
        )
    )
    for channel_id in sorted(set(channel_ids) - lasting):
        touched = Gap.objects.filter(channel_id=channel_id, reason=reason, ended_at__gte=started_at)
        first = touched.aggregate(first=Min("started_at"))["first"] or started_at
        touched.delete()
        Gap.objects.create(channel_id=channel_id, reason=reason, started_at=min(started_at, first))


def gap_close(*, channel_ids: Collection[int], reason: str, ended_at: dt.datetime) -> None:
    """The stretch that was open, if any, is over."""
    lasting = Gap.objects.filter(channel_id__in=channel_ids, reason=reason, ended_at__isnull=True)
    lasting.update(ended_at=Greatest("started_at", Value(ended_at)))


@transaction.atomic
def gap_add(*, channel_ids: Collection[int], reason: str, started_at: dt.datetime, ended_at: dt.datetime) -> None:
    """A stretch that is over; with those of the same reason that it touches it becomes one. For few channels."""
    _one_at_a_time()
    for channel_id in sorted(channel_ids):
        touched = Gap.objects.filter(
            Q(ended_at__gte=started_at) | Q(ended_at__isnull=True),
            channel_id=channel_id,
            reason=reason,
            started_at__lte=ended_at,
        )
        if lasting := touched.filter(ended_at__isnull=True).first():
            lasting.started_at = min(started_at, lasting.started_at)  # it lasts anyway
            lasting.save(update_fields=["started_at"])
            continue
        span = touched.aggregate(first=Min("started_at"), last=Max("ended_at"))
        touched.delete()
        Gap.objects.create(
            channel_id=channel_id,
            reason=reason,
            started_at=min(started_at, span["first"] or started_at),
            ended_at=max(ended_at, span["last"] or ended_at),
        )


def _one_at_a_time() -> None:
    """Two that write stretches of one channel at once would not see each other's; gaps are rare."""
    lock_name("inbox.gaps")


def channel_gaps(*, channel_id: int, since: dt.datetime | None, until: dt.datetime | None, limit: int) -> list[Gap]:
    """Gaps of a channel that lie at least partly between two times, oldest first. One query."""
    chosen = Gap.objects.filter(channel_id=channel_id)
    if since is not None:
        chosen = chosen.filter(Q(ended_at__gte=since) | Q(ended_at__isnull=True))
    if until is not None:
        chosen = chosen.filter(started_at__lt=until)
    return list(reversed(chosen.order_by("-started_at", "-pk")[:limit]))
