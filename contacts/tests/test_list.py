"""The contact list: rows, totals, pages, order, htmx, access."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Platform, UserType

from .factories import bangkok, make_channel, make_contact, make_label
from .pages import all_ids, fewest_statements, ids_of, total_of

pytestmark = pytest.mark.django_db


def _many(number: int) -> None:
    now = timezone.now()
    Contact.objects.bulk_create(
        Contact(name=f"Customer {place:03}", latest_contact_at=now - timedelta(minutes=place // 3))
        for place in range(number)
    )


def test_totals_in_words_and_exact(owner_client: Client) -> None:
    _many(363)
    page = owner_client.get("/contacts/")
    assert total_of(page) == 363
    assert "363 contacts across 19 pages" in page.content.decode()
    assert len(ids_of(page)) == 20


def test_one_contact_is_singular(owner_client: Client) -> None:
    _many(1)
    assert "1 contact across 1 page<" in owner_client.get("/contacts/").content.decode()


def test_row_shows_the_seven_columns(owner_client: Client) -> None:
    line, page = make_channel(), make_channel(Platform.FACEBOOK, "LIV")
    vip, cod = make_label("ลูกค้าประจำ"), make_label("COD")
    make_contact(
        "ณัฐยา บุญมี", channels=[line, page], labels=[vip, cod], phone="+66812345678", user_type=UserType.VIP,
        value=Decimal("12450.00"), order_count=3, latest_contact_at=timezone.now(),
    )  # fmt: skip
    html = owner_client.get("/contacts/").content.decode()
    headings = ["Customer Name", "Channel", "User Type", "Label", "Phone Number", "Latest Contact", "Value"]
    places = [html.index(f">{heading}<", html.index("<thead")) for heading in headings]
    assert places == sorted(places)
    for text in ("ณัฐยา บุญมี", "LINE Saifa Shop", "+1", "ลูกค้าประจำ", "COD", "081-234-5678", "฿12,450.00", "VIP"):
        assert text in html[html.index("<tbody") :]


def test_markup_in_a_name_is_text(owner_client: Client) -> None:
    make_contact('<script>alert("x")</script>')
    html = owner_client.get("/contacts/?q=%3Cscript%3E").content.decode()
    assert '<script>alert("x")' not in html
    assert "&lt;script&gt;alert(" in html


def test_same_number_of_queries_however_many_rows(owner_client: Client) -> None:
    line = make_channel()
    label = make_label()
    for _ in range(101):
        make_contact(channels=[line], labels=[label])
    counts = {}
    for per_page in (20, 50, 100):
        url = f"/contacts/?per_page={per_page}&platform=line"
        assert len(ids_of(owner_client.get(url))) == per_page
        counts[per_page] = fewest_statements(owner_client, url)
    # Session, person, channels, labels, columns, the shop's name, total, plan, page, all contacts, views; another for
    # unread chats after a change of the inbox, which makes twelve (docs/lists.md).
    assert max(counts.values()) <= 11, counts
    assert len(set(counts.values())) == 1, counts


@pytest.mark.parametrize("text", ["0", "-5", "abc", "1.5", "", "๒", "%00", "1e3"])
def test_a_bad_page_is_the_first(owner_client: Client, text: str) -> None:
    _many(45)
    first = ids_of(owner_client.get("/contacts/"))
    assert ids_of(owner_client.get(f"/contacts/?page={text}")) == first


@pytest.mark.parametrize("text", ["4", "999", "9" * 400, "9" * 5000, f"{0:05000}3"])
def test_a_page_past_the_end_is_the_last(owner_client: Client, text: str) -> None:
    _many(45)
    assert len(ids_of(owner_client.get(f"/contacts/?page={text}"))) == 5


@pytest.mark.parametrize("text", ["-5", "0", "19", "21", "100000", "x", "", "020"])
def test_a_bad_page_size_is_twenty(owner_client: Client, text: str) -> None:
    _many(45)
    assert len(ids_of(owner_client.get(f"/contacts/?per_page={text}"))) == 20


@pytest.mark.parametrize("text", ["bogus", "id", "--value", "password", ""])
def test_a_bad_sort_is_the_default(owner_client: Client, text: str) -> None:
    _many(5)
    assert ids_of(owner_client.get(f"/contacts/?sort={text}")) == ids_of(owner_client.get("/contacts/"))


@pytest.mark.parametrize("sort", ["latest_contact", "-latest_contact", "value", "-value", "name", "-name"])
def test_pages_neither_repeat_nor_lose_a_row(owner_client: Client, sort: str) -> None:
    _many(70)  # threes share a time, all share a value
    ids = all_ids(owner_client, f"sort={sort}")
    assert len(ids) == len(set(ids)) == 70


def test_never_contacted_come_last_either_way(owner_client: Client) -> None:
    never = make_contact("never")
    old = make_contact("old", latest_contact_at=bangkok("2026-01-01 10:00"))
    new = make_contact("new", latest_contact_at=bangkok("2026-02-01 10:00"))
    assert ids_of(owner_client.get("/contacts/")) == [new.pk, old.pk, never.pk]
    assert ids_of(owner_client.get("/contacts/?sort=latest_contact")) == [old.pk, new.pk, never.pk]


def test_sorting_by_value(owner_client: Client) -> None:
    small, big = make_contact(value=Decimal("9.50")), make_contact(value=Decimal("1000"))
    assert ids_of(owner_client.get("/contacts/?sort=-value")) == [big.pk, small.pk]
    assert ids_of(owner_client.get("/contacts/?sort=value")) == [small.pk, big.pk]


def test_links_keep_the_filters(owner_client: Client) -> None:
    line = make_channel()
    for _ in range(25):
        make_contact("mint", channels=[line])
    html = owner_client.get(f"/contacts/?channel={line.pk}&q=mint&page=2").content.decode()
    assert f'href="/contacts/?q=mint&amp;channel={line.pk}&amp;sort=-value"' in html  # a new order: first page
    assert f'href="/contacts/?q=mint&amp;channel={line.pk}&amp;page=1"' in html
    assert f'href="/contacts/report.csv?q=mint&amp;channel={line.pk}"' in html


def test_empty_shop_says_how_contacts_appear(owner_client: Client) -> None:
    page = owner_client.get("/contacts/")
    assert "Contacts appear here by themselves" in page.content.decode()
    assert total_of(page) == 0


def test_htmx_gets_the_list_region_and_its_canonical_url(owner_client: Client) -> None:
    _many(25)
    headers = {
        "HX-Request": "true",
        "HX-Target": "contact-list",
        "HX-Current-URL": "http://testserver/contacts/",
    }
    part = owner_client.get("/contacts/?q=&user_type=&active_from=&page=2", headers=headers)
    html = part.content.decode()
    assert "<!doctype" not in html.lower()
    assert html.strip().startswith("<section")
    assert part.headers["HX-Push-Url"] == "/contacts/?page=2"
    assert "HX-Request" in part.headers["Vary"]
    assert "page 2 of 2" in html  # said to screen readers
    again = owner_client.get("/contacts/", headers=headers)
    assert again.headers["HX-Push-Url"] == "false"  # no second history entry for the same URL


def test_boosted_navigation_from_another_page_gets_the_whole_page(owner_client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Boosted": "true"}
    assert "<!doctype" in owner_client.get("/contacts/", headers=headers).content.decode().lower()


def test_who_may_open_the_list(
    agent_client: Client, marketer_client: Client, outsider_client: Client, client: Client
) -> None:
    make_contact()
    agents = agent_client.get("/contacts/")
    assert agents.status_code == 200
    assert "Download Report" not in agents.content.decode()
    assert "Download Report" in marketer_client.get("/contacts/").content.decode()
    assert outsider_client.get("/contacts/").status_code == 403
    assert client.get("/contacts/").status_code == 302


def test_htmx_from_an_address_that_is_none(owner_client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "contact-list", "HX-Current-URL": "http://["}
    assert owner_client.get("/contacts/", headers=headers).status_code == 200
