"""The filters behind "More": what each keeps, how it reads as a chip, what is wrong with a bad one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import FollowState, Identity

from .factories import make_channel, make_contact, make_identity
from .pages import ids_of, total_of

pytestmark = pytest.mark.django_db


def _found(client: Client, query: str) -> set[int]:
    response = client.get(f"/contacts/?{query}")
    assert "This filter cannot be used" not in response.content.decode()
    return set(ids_of(response))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("value_min=100", {"100", "250.50", "1000"}),
        ("value_min=100.01", {"250.50", "1000"}),
        ("value_max=250.50", {"0", "100", "250.50"}),
        ("value_min=100&value_max=250.50", {"100", "250.50"}),
        ("value_min=%E0%B8%BF1,000", {"1000"}),
        ("value_max=-1", set()),
    ],
)
def test_value_range(owner_client: Client, query: str, wanted: set[str]) -> None:
    contacts = {value: make_contact(value=Decimal(value)).pk for value in ("0", "100", "250.50", "1000")}
    assert _found(owner_client, query) == {contacts[value] for value in wanted}


def test_yes_and_no(owner_client: Client) -> None:
    full = make_contact("full", phone="+66812345678", email="a@b.co", order_count=2)
    bare = make_contact("bare")
    for name in ("has_phone", "has_email", "bought"):
        assert _found(owner_client, f"{name}=yes") == {full.pk}
        assert _found(owner_client, f"{name}=no") == {bare.pk}


def test_follow_state_is_that_of_any_account(owner_client: Client) -> None:
    line, page = make_channel(), make_channel()
    friend, gone, both, neither = (make_contact(name) for name in ("friend", "gone", "both", "neither"))
    make_identity(friend, line, follow_state=FollowState.FOLLOWING)
    make_identity(gone, line, follow_state=FollowState.BLOCKED)
    make_identity(both, line, follow_state=FollowState.FOLLOWING)
    other = make_identity(both, page, follow_state=FollowState.BLOCKED)
    make_identity(neither, page)
    assert _found(owner_client, "follow=following") == {friend.pk, both.pk}
    assert _found(owner_client, "follow=blocked") == {gone.pk, both.pk}
    Identity.objects.filter(contact=gone).update(follow_state=FollowState.FOLLOWING)
    other.delete()
    assert _found(owner_client, "follow=blocked") == set()
    assert _found(owner_client, "follow=following") == {friend.pk, gone.pk, both.pk}
    Identity.objects.filter(contact=gone).update(contact=neither)
    assert _found(owner_client, "follow=following") == {friend.pk, neither.pk, both.pk}


def test_days_until_today(owner_client: Client) -> None:
    now = timezone.now()
    ages = (0, 6, 7, 59, 60, 61)
    contacts = {
        age: make_contact(
            first_contact_at=now - timedelta(days=age), latest_contact_at=now - timedelta(days=age)
        ).pk
        for age in ages
    }  # fmt: skip
    never = make_contact("never wrote")
    assert _found(owner_client, "new_days=7") == {contacts[age] for age in (0, 6)}
    assert _found(owner_client, "new_days=8") == {contacts[age] for age in (0, 6, 7)}
    assert _found(owner_client, "silent_days=60") == {contacts[age] for age in (60, 61)}
    assert never.pk not in _found(owner_client, "silent_days=1")


def test_first_contact_is_in_bangkok_days(owner_client: Client) -> None:
    day = timezone.now().astimezone(timezone.get_fixed_timezone(420)).date()
    today = make_contact(first_contact_at=timezone.now())
    assert _found(owner_client, f"first_from={day}&first_to={day}") == {today.pk}
    assert _found(owner_client, f"first_to={day - timedelta(days=1)}") == set()


def test_chips_say_it_in_words(owner_client: Client) -> None:
    make_contact()
    html = owner_client.get(
        "/contacts/?value_min=1000&value_max=2500.5&has_phone=no&bought=yes&follow=blocked&silent_days=60&new_days=1"
        "&first_from=2026-01-02&first_to=2026-01-03"
    ).content.decode()
    for chip in (
        "Value ฿1,000.00 – ฿2,500.50", "Phone Number Has none", "Has bought Yes", "Follow state Blocked",
        "Silent for 60 days", "New in 1 day", "First contact 2 Jan – 3 Jan 2026",
    ):  # fmt: skip
        assert f'aria-label="Remove filter: {chip}"' in html, chip
    assert '<span class="n">7</span>' in html


@pytest.mark.parametrize(
    "query",
    ["value_min=abc", "value_min=1e999", "value_min=NaN", "value_min=10&value_max=9", "has_phone=maybe", "follow=x",
     "new_days=0", "new_days=1.5", "silent_days=-1", "silent_days=99999999999999999999", "first_from=yesterday",
     "first_from=2026-01-02&first_to=2026-01-01", "bought=1", "value_max=1.005", "has_email=%00"],
)  # fmt: skip
def test_a_bad_one_matches_nothing_and_says_so(owner_client: Client, query: str) -> None:
    make_contact("mint", value=Decimal(5))
    page = owner_client.get(f"/contacts/?{query}")
    assert total_of(page) == 0
    assert "This filter cannot be used" in page.content.decode()
    assert owner_client.get(f"/contacts/report.csv?{query}").status_code == 400
