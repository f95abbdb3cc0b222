"""Whatever way leads to a page (contacts.selectors.pages), rows, order and total are those of a plain Python filter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Channel, Contact, FollowState
from contacts.outside import outside
from contacts.selectors import matches, pages
from contacts.selectors.listing import contact_listing
from labels.models import Label
from saifa_crm.lib.dates import BANGKOK
from saifa_crm.lib.thai_text import search_key

from .factories import make_channel, make_contact, make_identity, make_label
from .pages import all_ids, ids_of, report_rows, total_of

TODAY = dt.date(2026, 11, 22)
NAMES = ("สมชาย ใจดี", "Somchai", "somsri", "Ánna", "ann", "มาลี")
PLATFORMS = ("line", "facebook", "instagram")

contact_fields = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "user_type": st.sampled_from(("user", "user", "vip")),
        "phone": st.sampled_from(("", "+66812345678", "+66899995678")),
        "email": st.sampled_from(("", "ann@example.com")),
        "value": st.sampled_from((Decimal(0), Decimal(100), Decimal("250.50"))),
        "channels": st.sets(st.integers(0, 2)),
        "labels": st.sets(st.integers(0, 2)),
        "follow": st.sampled_from(("", "following", "blocked")),
        "latest": st.none() | st.integers(0, 6),  # days ago
        "first": st.none() | st.integers(0, 6),
    }
)
urls = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(("สมชาย", "SOM", "ann", "5678", "a", "ี", "nobody")),
        "platform": st.sets(st.sampled_from(PLATFORMS), min_size=1),
        "channel": st.sets(st.integers(0, 2), min_size=1),
        "label": st.sets(st.integers(0, 2), min_size=1),
        "label_match": st.sampled_from(("any", "all")),
        "user_type": st.sampled_from(("user", "vip")),
        "has_phone": st.sampled_from(("yes", "no")),
        "has_email": st.sampled_from(("yes", "no")),
        "follow": st.sampled_from(("following", "blocked")),
        "value_min": st.sampled_from(("0", "100", "200")),
        "value_max": st.sampled_from(("200", "250.50")),
        "active_from": st.integers(0, 6),
        "active_to": st.integers(0, 6),
        "first_from": st.integers(0, 6),
        "first_to": st.integers(0, 6),
        "sort": st.sampled_from(("name", "-name", "value", "-value", "latest_contact", "-latest_contact")),
    },
)


def _day(ago: int) -> dt.date:
    return TODAY - dt.timedelta(days=ago)


def _moment(ago: int | None, hour: int) -> dt.datetime | None:
    """Just after midnight or just before the next one: where UTC days and Bangkok days differ."""
    if ago is None:
        return None
    clock = dt.time(0, 5) if hour % 2 else dt.time(23, 55)
    return dt.datetime.combine(_day(ago), clock, BANGKOK)


class Shop:
    """Contacts as drawn, kept beside what they were drawn from."""

    def __init__(self, drawn: list[dict[str, Any]], *, first_id: int = 0) -> None:
        if first_id:
            for model in (Channel, Label):
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [model._meta.db_table, first_id]
                    )
        self.channels = [make_channel(platform, f"Page {n}") for n, platform in enumerate(PLATFORMS)]
        self.labels = [make_label(f"Label {n}") for n in range(3)]
        self.drawn: dict[int, dict[str, Any]] = {}
        for number, one in enumerate(drawn):
            contact = make_contact(
                one["name"],
                labels=[self.labels[n] for n in sorted(one["labels"])],
                **{name: one[name] for name in ("user_type", "phone", "email", "value")},
                latest_contact_at=_moment(one["latest"], number),
                first_contact_at=_moment(one["first"], number),
            )
            for n in sorted(one["channels"]):
                make_identity(contact, self.channels[n], follow_state=FollowState(one["follow"]))
            self.drawn[contact.pk] = {**one, "number": number}

    def query(self, url: dict[str, Any]) -> str:
        params = QueryDict(mutable=True)
        for name, value in url.items():
            if name == "channel":
                params.setlist(name, [str(self.channels[n].pk) for n in sorted(value)])
            elif name == "label":
                params.setlist(name, [str(self.labels[n].pk) for n in sorted(value)])
            elif name == "platform":
                params.setlist(name, sorted(value))
            else:
                params[name] = str(_day(value)) if isinstance(value, int) else value
        return params.urlencode()

    def wanted(self, url: dict[str, Any]) -> set[int]:
        return {
            pk for pk, one in self.drawn.items() if all(_keeps(name, value, one, url) for name, value in url.items())
        }


def _keeps(name: str, value: Any, one: dict[str, Any], url: dict[str, Any]) -> bool:
    """One filter, said the plain way."""
    match name:
        case "q":
            digits = one["phone"].removeprefix("+")
            lines = (one["name"], one["email"], digits, digits.replace("66", "0", 1) if digits else "")
            return any(search_key(value) in search_key(line) for line in lines)
        case "platform":
            return bool({PLATFORMS[n] for n in one["channels"]} & value)
        case "channel":
            return bool(one["channels"] & value)
        case "label":
            return value <= one["labels"] if url.get("label_match") == "all" else bool(value & one["labels"])
        case "user_type":
            return bool(one["user_type"] == value)
        case "has_phone":
            return bool(one["phone"]) == (value == "yes")
        case "has_email":
            return bool(one["email"]) == (value == "yes")
        case "follow":
            return bool(one["channels"]) and one["follow"] == value
        case "value_min":
            return bool(one["value"] >= Decimal(value))
        case "value_max":
            return bool(one["value"] <= Decimal(value))
        case "active_from":
            return one["latest"] is not None and one["latest"] <= value
        case "active_to":
            return one["latest"] is not None and one["latest"] >= value
        case "first_from":
            return one["first"] is not None and one["first"] <= value
        case "first_to":
            return one["first"] is not None and one["first"] >= value
        case _:
            return True


def _bad(url: dict[str, Any]) -> bool:
    return (
        url.get("active_from", 9) < url.get("active_to", 0)
        or url.get("first_from", 9) < url.get("first_to", 0)
        or Decimal(url.get("value_min", 0)) > Decimal(url.get("value_max", 999))
    )


# FEW of pages; FEW, AHEAD, SORTED and TRUSTED of matches: a page is met on a walk if sorting costs everything,
# and on one in the midst if counting ahead does.
Way = tuple[int, int, int, float, int]
WAYS: dict[str, Way] = {
    "few": (5_000, 40_000, 5_000, 6, 1),
    "many": (1, 0, -1_000_000, 0.001, 1000),
    "in the midst": (1, 0, 1_000_000, 0.001, 1),
    "at the edge": (4, 4, 0, 6, 20),
}


def go(way: Way) -> Way:
    """Choose as if the shop were that small or that big; gives the choice before."""
    before = (pages.FEW, matches.FEW, matches.AHEAD, matches.SORTED, matches.TRUSTED)
    pages.FEW, matches.FEW, matches.AHEAD, matches.SORTED, matches.TRUSTED = way
    return before


class EveryWay(TestCase):
    """`few` sorts what was found; `many` counts and walks, `in the midst` by the day; ids above 62 have no bit."""

    def setUp(self) -> None:
        self.addCleanup(go, go(WAYS["few"]))

    @settings(max_examples=30, deadline=None)
    @given(
        drawn=st.lists(contact_fields, max_size=12),
        asked=st.lists(urls, min_size=1, max_size=4),
        way=st.sampled_from(sorted(WAYS)),
        first_id=st.sampled_from((1, 70)),
    )
    def test_list_report_and_a_plain_filter_agree(
        self, drawn: list[dict[str, Any]], asked: list[dict[str, Any]], way: str, first_id: int
    ) -> None:
        go(WAYS[way])
        self.client.force_login(User.objects.create_superuser("root"))
        shop = Shop(drawn, first_id=first_id)
        for url in asked:
            query = shop.query(url)
            wanted = set() if _bad(url) else shop.wanted(url)
            response = self.client.get(f"/contacts/?{query}")
            assert set(ids_of(response)) == wanted, query
            assert total_of(response) == len(wanted), query
            if not _bad(url):
                listing = contact_listing(QueryDict(query))
                in_order = list(listing.queryset.values_list("pk", flat=True))
                assert ids_of(response) == in_order, query
                assert [int(row["Contact ID"]) for row in report_rows(self.client, query)] == in_order, query
                beside = outside(listing.filter)
                assert beside is None or beside.count() == len(wanted), query
                if listing.filter.tally_qs is not None:
                    assert pages.sum_of(listing.filter.tally_qs) == len(wanted), query
                if listing.filter.entries_qs is not None:
                    assert set(listing.filter.entries_qs.values_list("pk", flat=True)) == wanted, query
                if listing.filter.covered_qs is not None:
                    assert set(listing.filter.covered_qs.values_list("pk", flat=True)) == wanted, query


@pytest.fixture(params=sorted(WAYS))
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    before = go(WAYS[request.param])
    yield request.param
    go(before)


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["name", "-name", "value", "-value", "latest_contact", "-latest_contact", ""])
@pytest.mark.parametrize("query", ["", "q=ann", "has_phone=yes", "q=ann&has_phone=yes"])
def test_pages_of_equal_keys_neither_repeat_nor_lose_a_row(
    owner_client: Client, way: str, sort: str, query: str
) -> None:
    at = timezone.now()
    for number in range(67):
        make_contact(
            "Ann" if number % 4 else "Joann", phone="+66812345678", latest_contact_at=at if number % 3 else None
        )
    url = "&".join(filter(None, (query, f"sort={sort}")))
    ids = all_ids(owner_client, url)
    assert len(ids) == len(set(ids)) == 67
    last = owner_client.get(f"/contacts/?{url}&page=999")
    assert ids_of(last) == ids[60:]
    assert ids == list(contact_listing(QueryDict(url)).queryset.values_list("pk", flat=True))


@pytest.mark.django_db
def test_pages_within_and_across_ranks_are_those_of_the_report(owner_client: Client, way: str) -> None:
    """Whole names, their beginnings, words, what holds the query anywhere and what sounds like it: each over a page."""
    at = timezone.now()
    for number in range(210):
        name = ("Ann", "Anna Lee", "Mary Ann", "Joann", "แอน")[number * 7 % 5]
        make_contact(name, latest_contact_at=at - dt.timedelta(hours=number * 31 % 67) if number % 9 else None)
    ids = all_ids(owner_client, "q=ann")
    assert len(ids) == 210
    assert ids == list(contact_listing(QueryDict("q=ann")).queryset.values_list("pk", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["name", "-name"])
def test_names_that_begin_alike_are_in_order_on_every_page(owner_client: Client, way: str, sort: str) -> None:
    for number in range(67):
        make_contact(f"{'Customer' if number % 3 else 'เจ้าของร้านสมชาย'} no. {number * 31 % 67:02}")
    query = f"q=no.&sort={sort}"
    ids = all_ids(owner_client, query)
    assert len(ids) == 67
    assert ids == list(contact_listing(QueryDict(query)).queryset.values_list("pk", flat=True))


@pytest.mark.django_db
def test_masks_are_the_arrays() -> None:
    labels = [Label.objects.create(pk=pk, name=f"L{pk}") for pk in (1, 5, 62, 63, 64, 1000)]
    contact = make_contact(labels=labels)
    assert contact.label_ids == [1, 5, 62, 63, 64, 1000]
    assert contact.label_mask == 1 << 1 | 1 << 5 | 1 << 62
    assert Contact.objects.get(pk=make_contact().pk).label_mask == 0
