"""Filters and search of the list: what each keeps, how a bad one is met."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.list_urls import PARAMETERS
from contacts.models import ListEntry, Platform, UserType
from contacts.search import phone_digits

from .factories import bangkok, make_channel, make_contact, make_label
from .pages import ids_of, streamed, total_of

pytestmark = pytest.mark.django_db


def _found(client: Client, query: str) -> set[int]:
    response = client.get(f"/contacts/?{query}")
    assert response.status_code == 200
    return set(ids_of(response))


# Search ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["สมชาย", "มชา", "ใจดี", "สมชาย ใจดี", "  สมชาย   ใจดี "])
def test_any_part_of_a_thai_name(owner_client: Client, words: str) -> None:
    wanted = make_contact("สมชาย ใจดี")
    make_contact("สมหญิง รักเรียน")
    assert _found(owner_client, f"q={quote(words)}") == {wanted.pk}


@pytest.mark.parametrize("words", ["nattaya", "NATTAYA", "taya b", "Boonmee", "ＮＡＴ"])
def test_any_part_of_a_latin_name_whatever_the_case(owner_client: Client, words: str) -> None:
    wanted = make_contact("Nattaya Boonmee")
    make_contact("Mint Kanokwan")
    assert _found(owner_client, f"q={quote(words)}") == {wanted.pk}


@pytest.mark.parametrize(
    "words",
    ["081-234-5678", "0812345678", "081 234 5678", "+66 81 234 5678", "+66812345678", "66812345678",
     "66 (0)81-234-5678", "0066 81 234 5678", "5678", "234-5678", "081-234", "๐๘๑-๒๓๔-๕๖๗๘", "０８１２３４５６７８"],
)  # fmt: skip
def test_phone_in_any_format(owner_client: Client, words: str) -> None:
    wanted = make_contact(phone="+66812345678")
    make_contact(phone="+66899999999")
    assert _found(owner_client, f"q={quote(words)}") == {wanted.pk}


@pytest.mark.parametrize("words", ["+44 20 7946 0958", "020 7946 0958", "442079460958"])
def test_foreign_phone(owner_client: Client, words: str) -> None:
    wanted = make_contact(phone="+442079460958")
    assert _found(owner_client, f"q={quote(words)}") == {wanted.pk}


def test_email(owner_client: Client) -> None:
    wanted = make_contact("x", email="Mint.K@Example.com")
    make_contact("y", email="other@example.org")
    assert _found(owner_client, "q=mint.k%40example") == {wanted.pk}


@pytest.mark.parametrize("words", ["%", "_", "50%", "\\", "a_b"])
def test_wildcards_are_letters(owner_client: Client, words: str) -> None:
    wanted = make_contact("50% a_b \\ off")
    make_contact("500 axb off")
    assert _found(owner_client, f"q={quote(words)}") == {wanted.pk}


def test_a_search_does_not_run_over_the_end_of_a_field(owner_client: Client) -> None:
    make_contact("Mint", email="k@x.co")
    assert _found(owner_client, "q=mint+k%40x") == set()


def test_best_match_first_then_latest(owner_client: Client) -> None:
    def contact(name: str, day: int) -> int:
        return make_contact(name, latest_contact_at=bangkok(f"2026-01-{day:02} 10:00")).pk

    inside, word = contact("Peppermint", 9), contact("Sweet Mint", 8)
    prefix_old, prefix_new = contact("Minty", 2), contact("Mint Kanokwan", 3)
    exact = contact("mint", 1)
    assert ids_of(owner_client.get("/contacts/?q=mint")) == [exact, prefix_new, prefix_old, word, inside]
    by_latest = ids_of(owner_client.get("/contacts/?q=mint&sort=-latest_contact"))
    assert by_latest == [inside, word, prefix_new, prefix_old, exact]


def test_search_uses_the_trigram_index() -> None:
    from django.db import connection

    from contacts.search import search_condition

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for words in ("สมชาย", "081-234", "somchai jaidee", "@nok", "ann"):
        plan = ListEntry.objects.filter(search_condition(words)).explain()
        assert "entry_searched" in plan
        assert "Seq Scan" not in plan


def test_phone_digits_of_what_is_no_phone() -> None:
    assert phone_digits("12") == phone_digits("mint 081") == phone_digits("") == ""


# Filters --------------------------------------------------------------------------------------------------------------


def test_platform_and_channel(owner_client: Client) -> None:
    line, other_line, page = make_channel(), make_channel(name="LIV"), make_channel(Platform.FACEBOOK, "LIV")
    a, b = make_contact(channels=[line]), make_contact(channels=[other_line])
    c, both = make_contact(channels=[page]), make_contact(channels=[line, page])
    assert _found(owner_client, "platform=line") == {a.pk, b.pk, both.pk}
    assert _found(owner_client, "platform=line&platform=facebook") == {a.pk, b.pk, c.pk, both.pk}
    assert _found(owner_client, f"channel={line.pk}") == {a.pk, both.pk}
    assert _found(owner_client, f"channel={line.pk}&channel={other_line.pk}") == {a.pk, b.pk, both.pk}
    assert _found(owner_client, f"platform=facebook&channel={line.pk}") == {both.pk}


def test_labels_any_and_all(owner_client: Client) -> None:
    one, two = make_label("one"), make_label("two")
    a, b = make_contact(labels=[one]), make_contact(labels=[one, two])
    make_contact()
    both = f"label={one.pk}&label={two.pk}"
    assert _found(owner_client, both) == {a.pk, b.pk}
    assert _found(owner_client, f"{both}&label_match=any") == {a.pk, b.pk}
    assert _found(owner_client, f"{both}&label_match=all") == {b.pk}
    assert _found(owner_client, f"label={two.pk}&label={two.pk}&label_match=all") == {b.pk}


def test_user_type(owner_client: Client) -> None:
    vip, user = make_contact(user_type=UserType.VIP), make_contact()
    assert _found(owner_client, "user_type=vip") == {vip.pk}
    assert _found(owner_client, "user_type=user") == {user.pk}


def test_days_are_bangkok_days_and_both_ends_count(owner_client: Client) -> None:
    moments = ("2026-11-20 23:59:59.999999", "2026-11-21 00:00", "2026-11-22 23:59:59.999999", "2026-11-23 00:00")
    before, first, last, after = [make_contact(latest_contact_at=bangkok(moment)).pk for moment in moments]
    make_contact("never")
    assert _found(owner_client, "active_from=2026-11-21&active_to=2026-11-22") == {first, last}
    assert _found(owner_client, "active_from=2026-11-23") == {after}
    assert _found(owner_client, "active_to=2026-11-20") == {before}
    assert _found(owner_client, "active_from=0001-01-01&active_to=9999-12-31") == {before, first, last, after}
    assert _found(owner_client, "active_to=9999-12-31") == {before, first, last, after}


def test_presets_are_links_to_days(owner_client: Client) -> None:
    make_contact()
    today = timezone.localdate()
    html = owner_client.get("/contacts/").content.decode()
    for start in (today, today - timedelta(days=6), today - timedelta(days=29), today.replace(day=1)):
        assert f'href="/contacts/?active_from={start}&amp;active_to={today}"' in html


def test_empty_parameters_are_no_filters(owner_client: Client) -> None:
    make_contact()
    empty = "q=&platform=&channel=&label=&label_match=&user_type=&active_from=&active_to=&sort=&page=&per_page="
    page = owner_client.get(f"/contacts/?{empty}")
    assert total_of(page) == 1
    assert "Remove filter" not in page.content.decode()


def test_chips_take_one_filter_away(owner_client: Client) -> None:
    line, label = make_channel(), make_label("COD")
    make_contact("mint", channels=[line], labels=[label], latest_contact_at=bangkok("2026-11-22 10:00"))
    query = f"q=mint&channel={line.pk}&label={label.pk}&label_match=all&active_from=2026-10-24&active_to=2026-11-22"
    html = owner_client.get(f"/contacts/?{query}").content.decode()
    assert 'aria-label="Remove filter: Channel LINE Saifa Shop"' in html
    assert 'aria-label="Remove filter: Latest Contact 24 Oct – 22 Nov 2026"' in html
    days = "active_from=2026-10-24&amp;active_to=2026-11-22"
    assert f'href="/contacts/?q=mint&amp;channel={line.pk}&amp;{days}"' in html  # without the label
    assert f'href="/contacts/?q=mint&amp;channel={line.pk}&amp;label={label.pk}&amp;label_match=all"' in html


def test_no_match_says_how_many_are_hidden(owner_client: Client) -> None:
    make_contact("mint")
    page = owner_client.get("/contacts/?q=nobody")
    assert total_of(page) == 0
    assert "No contacts match these filters" in page.content.decode()
    assert "1 contact is hidden" in page.content.decode()


BAD = [
    "platform=myspace", "platform=line&platform=myspace", "channel=abc", "channel=999999", "label=x", "label=-1",
    "label=99999999999", "label=99999999999999999999999999", "label=1%00", "label=1.0", "label[]=1&label=one",
    "channel=%F0%9F%98%80", "label_match=some", "user_type=boss", "active_from=yesterday", "active_to=2026-02-30",
    "active_from=2026-1-5", "active_from=20260105", "active_from=2026-11-22T10:00", "active_from=%E0%B9%92026-01-01",
    "active_from=2026-11-23&active_to=2026-11-22", "active_from=%00", "q=" + "x" * 100_000, "label=" + "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("query", BAD, ids=lambda query: query[:40])
def test_a_bad_filter_matches_nothing_and_says_so(owner_client: Client, query: str) -> None:
    make_contact("mint")
    page = owner_client.get(f"/contacts/?{query}")
    assert page.status_code == 200
    assert total_of(page) == 0
    assert "This filter cannot be used" in page.content.decode()
    assert len(page.content) < 160_000  # what was sent is not repeated in every link
    report = owner_client.get(f"/contacts/report.csv?{query}")
    assert report.status_code == 400
    assert "This filter cannot be used" in report.content.decode()


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=a%00b", "q=%ED%A0%80", "q=%FF%FE", "q[]=1", "q=" + "ก" * 900, "q=%EF%B7%BA" * 3, "q=" + "%25" * 900,
     "unknown=1&unknown=2", "page=1&page=-1&page=zzz", "%00=1", "q=" + "9" * 900, "q=%F0%9F%98%80", "q=%C2%AD",
     "q=+-()"],
    ids=lambda query: query[:30],
)  # fmt: skip
def test_odd_input_is_never_an_error(owner_client: Client, query: str) -> None:
    make_contact("mint")
    assert owner_client.get(f"/contacts/?{query}").status_code == 200
    response = owner_client.get(f"/contacts/report.csv?{query}")
    assert response.status_code == 200
    assert streamed(response).startswith(b"\xef\xbb\xbfCustomer Name,")


NAMES = st.sampled_from(PARAMETERS)
VALUES = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.dates().map(str),
    st.sampled_from(["line", "vip", "all", "-value", "1"]),
)


class AnyUrl(TestCase):
    """Whatever a URL says: 200 on the list, and the report agrees on what is bad."""

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
    def test_no_url_is_a_server_error(self, pairs: list[tuple[str, str]]) -> None:
        from django.contrib.auth.models import User
        from django.http import QueryDict

        user = User.objects.create_superuser("root")
        self.client.force_login(user)
        make_contact("1 vip", channels=[make_channel()], latest_contact_at=datetime.now(bangkok("2026-01-01").tzinfo))
        params = QueryDict(mutable=True)
        for name, value in pairs:
            params.appendlist(name, value.encode("utf-8", "replace").decode())
        page = self.client.get(f"/contacts/?{params.urlencode()}")
        assert page.status_code == 200
        report = self.client.get(f"/contacts/report.csv?{params.urlencode()}")
        assert report.status_code == (400 if b"This filter cannot be used" in page.content else 200)
        if report.status_code == 200:
            rows = streamed(report).count(b"\r\n") - 1
            assert rows == total_of(page)
