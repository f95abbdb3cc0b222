"""How long to wait before trying again."""

from __future__ import annotations

import datetime as dt

MOST_DOUBLINGS = 10  # a thousand times the first wait: whoever wants less names the longest


def doubled(first: dt.timedelta, failures: int, longest: dt.timedelta = dt.timedelta.max) -> dt.timedelta:
    """`first`, twice as long with every failure before, at most `longest`."""
    return min(first * (1 << min(failures, MOST_DOUBLINGS)), longest)
