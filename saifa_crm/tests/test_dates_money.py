"""Bangkok days, moments in words in both languages, and amounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from saifa_crm.lib import dates, money

NOW = dt.datetime(2026, 11, 22, 14, 7, tzinfo=dates.BANGKOK)


def ago(**parts: float) -> dt.datetime:
    return NOW - dt.timedelta(**parts)


def test_a_day_is_bangkoks_and_both_ends_count() -> None:
    first, last = dates.bangkok_day_range(dt.date(2026, 11, 1), dt.date(2026, 11, 22))
    assert first == dt.datetime(2026, 10, 31, 17, tzinfo=dt.UTC)
    assert last == dt.datetime(2026, 11, 22, 17, tzinfo=dt.UTC)


def test_open_ends() -> None:
    assert dates.bangkok_day_range(None, None) == (None, None)
    assert dates.bangkok_day_range(None, dt.date.max) == (None, None)


@given(st.dates(), st.dates())
@example(dt.date.min, dt.date.min)
@example(dt.date.max, dt.date.max)
def test_every_day_has_a_range_that_can_be_stored(first: dt.date, last: dt.date) -> None:
    for moment in dates.bangkok_day_range(first, last):
        if moment is not None:
            moment.astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (ago(seconds=20), "Just now"),
        (ago(seconds=-90), "Just now"),  # a platform's clock may run ahead
        (ago(minutes=5), "5 min ago"),
        (ago(minutes=59, seconds=59), "59 min ago"),
        (ago(hours=1), "1 h ago"),
        (ago(hours=14), "14 h ago"),
        (ago(hours=15), "Yesterday"),
        (ago(days=1), "Yesterday"),
        (ago(days=3), "3 days ago"),
        (ago(days=6, hours=14), "6 days ago"),
        (ago(days=7), "15 Nov 2026"),
        (ago(days=-1), "23 Nov 2026"),
    ],
)
def test_relative_under_seven_days_then_the_date(moment: dt.datetime, words: str) -> None:
    with translation.override("en"):
        assert dates.format_relative(moment, NOW) == words


def test_thai_counts_buddhist_years() -> None:
    moment = dt.datetime(2026, 11, 22, 7, 5, tzinfo=dt.UTC)
    with translation.override("th"):
        assert dates.format_exact(moment) == "22 พ.ย. 2569, 14:05 น."
        assert dates.format_day(dt.date(2027, 1, 1)) == "1 ม.ค. 2570"
    with translation.override("en"):
        assert dates.format_exact(moment) == "22 Nov 2026, 14:05"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("12450"), "฿12,450.00"),
        (Decimal("0"), "฿0.00"),
        (Decimal("0.005"), "฿0.01"),
        (Decimal("-0.001"), "฿0.00"),
        (Decimal("-590"), "-฿590.00"),
        (1_234_567, "฿1,234,567.00"),
    ],
)
def test_baht(amount: Decimal | int, shown: str) -> None:
    assert money.format_baht(amount) == shown
