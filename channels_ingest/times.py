"""Which time of an event counts (DESIGN rule 3)."""

from __future__ import annotations

import datetime as dt

FUTURE_TOLERANCE = dt.timedelta(minutes=5)
OLDEST_BELIEVED = dt.datetime(2010, 1, 1, tzinfo=dt.UTC)


def effective_time(platform_at: dt.datetime | None, received_at: dt.datetime) -> dt.datetime:
    """Platform time, or received time where the platform's is missing, over 5 minutes ahead, or before 2010."""
    if platform_at is None or platform_at > received_at + FUTURE_TOLERANCE or platform_at < OLDEST_BELIEVED:
        return received_at
    return platform_at
