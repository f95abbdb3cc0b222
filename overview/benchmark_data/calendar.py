"""When people write: a growing shop over three years, with campaign days, paydays, weekends and evenings."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from bisect import bisect_right

from saifa_crm.lib.dates import day_start

DAYS = 3 * 365
SECONDS = 86_400
# Share of an hour among the 24 of a Bangkok day: lunch, and above all the evening.
HOURS = (5, 3, 2, 1, 1, 2, 4, 8, 12, 16, 19, 21, 26, 22, 18, 17, 18, 20, 26, 36, 44, 42, 28, 14)
_HOURS = [hour for hour, share in enumerate(HOURS) for _ in range(share)]


def _weight(day: dt.date, age: float) -> float:
    """How much happens that day; `age` runs from 0 to 1 over the shop's life."""
    weight = 1 + 2 * age
    if day.day == day.month:
        weight *= 14 if day.month in (11, 12) else 6  # 11.11 and 12.12
    elif day.day in (25, 30):
        weight *= 2
    return weight * (1.25 if day.weekday() >= 5 else 1)


class Calendar:
    """The days up to `until`, that day included. Moments are seconds since 1970."""

    def __init__(self, until: dt.date) -> None:
        days = [until - dt.timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
        self.starts = [int(day_start(day).timestamp()) for day in days]
        self.end = self.starts[-1] + SECONDS
        self.upto = list(itertools.accumulate(_weight(day, n / DAYS) for n, day in enumerate(days)))
        self.total = self.upto[-1]

    def day_at(self, share: float) -> int:
        """The day by which `share` (0 to 1) of everything had happened."""
        return min(bisect_right(self.upto, share * self.total), DAYS - 1)

    def day_between(self, source: random.Random, first: int, last: int) -> int:
        """A day from first to last, both included, busy ones oftener."""
        low = self.upto[first - 1] if first else 0.0
        return min(bisect_right(self.upto, low + (self.upto[last] - low) * source.random()), last)

    def moment(self, source: random.Random, day: int) -> int:
        """A moment of that day; the last day ends an hour early, so that an answer still fits."""
        hour = _HOURS[int(len(_HOURS) * source.random())]
        if day == DAYS - 1 and hour > 21:
            hour = 20
        return self.starts[day] + hour * 3600 + int(3600 * source.random())
