"""Matches of a search by the day of their latest contact (UTC), and the days on which a page of them lies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Count, DateTimeField, F, Func, IntegerField, QuerySet, Value

from contacts.models import EVERYBODY, Contact, ListEntry
from contacts.search import ANYWHERE, BEGINS, EARLY, SOUNDS, WHOLE, Ranks

DAY = dt.timedelta(days=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ALL = EVERYBODY.copy()
ALL.contains_aggregate = True  # one number for all rows, so that it is asked beside a count
WRITTEN = (WHOLE, BEGINS, EARLY, ANYWHERE)
NONE = Value(None, output_field=IntegerField())


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
    rows = _rows(_counted(entries))
    return _days([(ANYWHERE, day, number) for day, number, _all in rows], rows[0][-1] if rows else 0, latest_first)


def count_ranked_days(entries: QuerySet[ListEntry], ranks: Ranks) -> Days:
    """Of the best matches among the entries, searched or not; one statement.

    Those written so and those that only sound so are found apart: less is asked of each.
    """
    better = {"early": ranks.early_of_few, "begins": ranks.begins, "whole": ranks.begins & ranks.whole}
    written = _counted(
        entries.filter(ranks.anywhere_of_all), **{name: Count("pk", filter=q) for name, q in better.items()}
    )
    if ranks.sounding:
        others = entries.filter(ranks.sounding).exclude(ranks.anywhere)
        # Counted in the place of the total, and known by the numbers that no others have.
        written = written.union(_counted(others, **dict.fromkeys(better, NONE)), all=True)
    rows = _rows(written)
    numbers = []
    for day, number, early, begins, whole, _all in rows:
        if early is None:
            numbers.append((SOUNDS, day, number))
        else:
            each = (whole, begins - whole, early - begins, number - early)
            numbers += [(rank, day, one) for rank, one in zip(WRITTEN, each, strict=True) if one]
    return _days(numbers, rows[0][-1] if rows else 0, latest_first=True)


def _counted(entries: QuerySet[ListEntry], **more: Any) -> QuerySet[ListEntry, Any]:
    """(day, number of matches, `more` numbers, number of all contacts).

    PostgreSQL knows how many days there are from statistics on the same expression (migration 0019).
    """
    day = Func(
        F("moment"), template="(date_part('epoch', %(expressions)s) / 86400)::integer", output_field=IntegerField()
    )
    day.contains_aggregate = True  # made of what is grouped by, once a group
    moment = Func(
        F("latest_contact_at"), template="date_bin('1 day', %(expressions)s, 'epoch')", output_field=DateTimeField()
    )
    kinds = entries.order_by().annotate(moment=moment).values("moment")
    counted = kinds.annotate(day=day, number=Count("pk"), **more, everybody=ALL)
    return counted.values_list("day", "number", *more, "everybody")


def _rows(counted: QuerySet[ListEntry, Any]) -> list[tuple[Any, ...]]:
    """As PostgreSQL gives them: of a thousand days, Django would convert each number."""
    sql, params = counted.query.sql_with_params()
    with connections[counted.db].cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _days(numbers: list[tuple[int, int | None, int]], everybody: int, latest_first: bool) -> Days:
    def place(row: tuple[int, int | None, int]) -> tuple[int, bool, int]:
        rank, day, _number = row
        return rank, day is None, -(day or 0) if latest_first else day or 0

    return Days(sorted(numbers, key=place), everybody)
