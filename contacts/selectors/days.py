"""Matches of a search by the day of their latest contact (UTC), and the days on which a page of them lies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Func, IntegerField, QuerySet, Value

from contacts.models import EVERYBODY, Contact, ListEntry
from contacts.search import ANYWHERE, SOUNDS, Ranks

DAY = dt.timedelta(days=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ALL = EVERYBODY.copy()
ALL.contains_aggregate = True  # one number for all rows, so that it is asked beside a count


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days side by side in one rank; the numbers are of matches: before these days, on them, and in all the rank."""

    rank: int
    contacts: QuerySet[Contact]
    before: int
    held: int
    ranked: int


@dataclass(frozen=True, slots=True)
class Days:
    """Numbers of matches of a rank and day, in the order of the list; the day of those without any contact is None."""

    numbers: Sequence[tuple[int, int | None, int]]  # days since 1970
    everybody: int

    @property
    def total(self) -> int:
        return sum(number for _rank, _day, number in self.numbers)

    def stretch(self, start: int, stop: int) -> Stretch | None:
        """The days of the rows from `start` up to `stop`; None where they are of two ranks, or some have no day."""
        rows: list[tuple[int, int | None, int]] = []
        before = passed = 0
        for row in self.numbers:
            *_, number = row
            if passed + number > start:
                rows.append(row)
            else:
                before += number
            passed += number
            if passed >= stop:
                break
        ranks, days = {rank for rank, *_ in rows}, {day for _rank, day, _number in rows}
        if len(ranks) != 1 or (None in days and len(days) > 1):
            return None
        [rank] = ranks
        held = sum(number for *_, number in rows)
        ranked = sum(number for one, _day, number in self.numbers if one == rank)
        return Stretch(rank, _contacts(days), before, held, ranked)


def _contacts(days: set[int | None]) -> QuerySet[Contact]:
    """Of days side by side, or those without any contact."""
    moments = [EPOCH + day * DAY for day in days if day is not None]
    if not moments:
        return Contact.objects.filter(latest_contact_at__isnull=True)
    until = max(moments) + (DAY - dt.timedelta.resolution)
    return Contact.objects.filter(latest_contact_at__gte=min(moments), latest_contact_at__lte=until)


def count_days(entries: QuerySet[ListEntry], *, latest_first: bool) -> Days:
    """Of entries of one rank; one statement."""
    return _days(_counted(entries, _int(ANYWHERE)), latest_first)


def count_ranked_days(entries: QuerySet[ListEntry], ranks: Ranks) -> Days:
    """Of the best matches among the entries, searched or not; one statement.

    Those written so and those that only sound so are found apart: less is asked of each.
    """
    counted = _counted(entries.filter(ranks.anywhere), ranks.case(Value, IntegerField(), written=True))
    if ranks.sounding:
        counted = counted.union(
            _counted(entries.filter(ranks.sounding).exclude(ranks.anywhere), _int(SOUNDS)), all=True
        )
    return _days(counted, latest_first=True)


def _counted(entries: QuerySet[ListEntry], rank: Any) -> QuerySet[ListEntry, Any]:
    """(rank, day, number of matches, number of all contacts)."""
    day = Func(
        "latest_contact_at",
        template="floor(date_part('epoch', %(expressions)s) / 86400)::integer",
        output_field=IntegerField(),
    )
    kinds = entries.order_by().annotate(rank=rank, day=day).values_list("rank", "day")
    return kinds.annotate(number=Count("pk"), everybody=ALL)


def _int(rank: int) -> Value:
    return Value(rank, output_field=IntegerField())


def _days(counted: QuerySet[ListEntry, Any], latest_first: bool) -> Days:
    rows = list(counted)

    def place(row: tuple[int, int | None, int, int]) -> tuple[int, bool, int]:
        rank, day, *_ = row
        return rank, day is None, -(day or 0) if latest_first else day or 0

    numbers = [(rank, day, number) for rank, day, number, _everybody in sorted(rows, key=place)]
    return Days(numbers, rows[0][-1] if rows else 0)
