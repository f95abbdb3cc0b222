"""Matches counted by rank and day are those that the rank of each match says."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from contacts.models import ListEntry
from contacts.search import search_condition, search_ranks
from contacts.selectors.days import EPOCH, count_days, count_ranked_days

from .factories import make_contact

pytestmark = pytest.mark.django_db
NAMES = ["Ann", "Ann Lee", "Anna", "Mary Ann", "Joanna", "สมชาย", "สมชาย ใจดี", "Somchai", "นารี", "มานา", "น้องนา", "Bob"]
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def _shop() -> None:
    """Each name on three days, at the ends of one, and without any contact."""
    days = [0, 1, 1, None]
    moments = [NOON, NOON.replace(hour=0), NOON.replace(hour=23, minute=59, second=59), None]
    for name in NAMES:
        for day, moment in zip(days, moments, strict=True):
            make_contact(name, latest_contact_at=moment and moment - dt.timedelta(days=day or 0))


def in_days(moment: dt.datetime | None) -> int | None:
    return (moment - EPOCH).days if moment else None


@pytest.mark.parametrize("query", ["ann", "an", "a", "นา", "น", "somchai", "สมชาย", "lee", "081", "nobody"])
def test_as_the_rank_of_each_match_says(_shop: None, query: str) -> None:
    ranks = search_ranks(query)
    matches = ListEntry.objects.filter(search_condition(query)).annotate(rank=ranks.rank)
    each = Counter((rank, in_days(moment)) for rank, moment in matches.values_list("rank", "latest_contact_at"))
    days = count_ranked_days(ListEntry.objects.all(), ranks)
    assert {(rank, day): number for rank, day, number in days.numbers} == each
    assert days.total == len(matches)
    assert [rank for rank, *_ in days.numbers] == sorted(rank for rank, *_ in days.numbers)
    if each:
        assert days.everybody == len(NAMES) * 4


@pytest.mark.parametrize("latest_first", [True, False])
def test_in_the_order_of_the_list(_shop: None, latest_first: bool) -> None:
    days = count_days(ListEntry.objects.all(), latest_first=latest_first)
    known = [day for _rank, day, _number in days.numbers if day is not None]
    assert known == sorted(known, reverse=latest_first)
    assert days.numbers[-1][1] is None
    assert [number for *_, number in days.numbers] == [12, 24, 12] if latest_first else [24, 12, 12]
