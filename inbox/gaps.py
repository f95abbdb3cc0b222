"""Stretches in which messages of a channel may have been missed: opened and closed, or added whole. Set-based."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import Max, Min, Q

from .models import Gap


def gap_open(*, channel_ids: Collection[int], reason: str, started_at: dt.datetime) -> None:
    """A stretch begins that still lasts; one that is open already goes on."""
    Gap.objects.bulk_create(
        [Gap(channel_id=channel_id, reason=reason, started_at=started_at) for channel_id in sorted(channel_ids)],
        ignore_conflicts=True,
    )


def gap_close(*, channel_ids: Collection[int], reason: str, ended_at: dt.datetime) -> None:
    """The stretch that was open, if any, is over."""
    Gap.objects.filter(channel_id__in=channel_ids, reason=reason, ended_at__isnull=True).update(ended_at=ended_at)


@transaction.atomic
def gap_add(*, channel_ids: Collection[int], reason: str, started_at: dt.datetime, ended_at: dt.datetime) -> None:
    """A stretch that is over; with those of the same reason that it touches it becomes one. For few channels."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('inbox.gaps'))")
    for channel_id in sorted(channel_ids):
        touched = Gap.objects.filter(
            Q(ended_at__gte=started_at) | Q(ended_at__isnull=True),
            channel_id=channel_id,
            reason=reason,
            started_at__lte=ended_at,
        )
        if touched.filter(ended_at__isnull=True).exists():
            continue  # it lasts anyway
        span = touched.aggregate(first=Min("started_at"), last=Max("ended_at"))
        touched.delete()
        Gap.objects.create(
            channel_id=channel_id,
            reason=reason,
            started_at=min(started_at, span["first"] or started_at),
            ended_at=max(ended_at, span["last"] or ended_at),
        )


def channel_gaps(*, channel_id: int, since: dt.datetime | None, until: dt.datetime | None, limit: int) -> list[Gap]:
    """Gaps of a channel that lie at least partly between two times, oldest first. One query."""
    chosen = Gap.objects.filter(channel_id=channel_id)
    if since is not None:
        chosen = chosen.filter(Q(ended_at__gte=since) | Q(ended_at__isnull=True))
    if until is not None:
        chosen = chosen.filter(started_at__lt=until)
    return list(reversed(chosen.order_by("-started_at", "-pk")[:limit]))
