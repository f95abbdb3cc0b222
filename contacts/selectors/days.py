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
    """Days side by side in one rank, and how many matches there are `before` the first of them and in all the rank."""

    rank: int
    contacts: QuerySet[Contact]  # of these days
    before: int
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
        """The days of the rows from `start` up to `stop`; None where the rows are of two ranks, or without a day."""
        held: list[tuple[int, int | None]] = []
        before = passed = 0
        for rank, day, number in self.numbers:
            if passed + number > start:
                held.append((rank, day))
            else:
                before += number
            passed += number
            if passed >= stop:
                break
        days = [EPOCH + day * DAY for _rank, day in held if day is not None]
        ranks = {rank for rank, _day in held}
        if not days or len(days) < len(held) or len(ranks) > 1:
            return None
        [rank] = ranks
        until = max(days) + (DAY - dt.timedelta.resolution)
        contacts = Contact.objects.filter(latest_contact_at__gte=min(days), latest_contact_at__lte=until)
        return Stretch(rank, contacts, before, sum(number for other, _day, number in self.numbers if other == rank))


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
