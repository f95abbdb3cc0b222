"""The palette: what it finds, for whom, in which order and at what cost; the same without JavaScript."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from contacts.models import Contact
from inbox.tests.factories import make_conversation, make_message, minutes_ago
from orders.models import Order
from orders.selectors import CANDIDATES, orders_found
from overview.palette import EACH, PLACES, Palette, palette_find, palette_query

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def make_order(contact: Contact | None, number: str = "", external_id: str = "") -> Order:
    return Order.objects.create(
        contact=contact, number=number, external_id=external_id or f"id of {number}", total=Decimal(100)
    )


def find(user: User, q: str) -> Palette:
    return palette_find(q=palette_query(q), user=user)


def test_contacts_best_match_first(agent: User) -> None:
    for name in ("Anna Lee", "Leeanna", "Lee", "Bo Lee", "Xleex", "Lee Chan"):
        Contact.objects.create(name=name)
    found = [row.contact.name for row in find(agent, "lee").contacts]
    assert len(found) == EACH
    assert found[0] == "Lee" and "Xleex" not in found


def test_chats_of_the_contacts_found_unread_first_without_spam(agent: User) -> None:
    read, unread, spam = (make_conversation(f"Nok {n}") for n in range(3))
    silent = make_conversation("Nok who said nothing")
    make_message(unread, at=minutes_ago(50))
    for chat in (read, spam):
        make_message(chat, at=minutes_ago(5))
        type(chat).objects.filter(pk=chat.pk).update(unread=0, is_spam=chat is spam)
    make_message(make_conversation("Somebody else"))
    found = find(agent, "nok")
    assert [chat.pk for chat in found.conversations] == [unread.pk, read.pk]
    assert silent.identity.contact.pk in {row.contact.pk for row in found.contacts}


def test_orders_whole_numbers_first_then_beginnings_then_parts(agent: User) -> None:
    contact = Contact.objects.create(name="Nok")
    for number in ("X-SF-12", "SF-12", "SF-123", "SF-9"):
        make_order(contact, number)
    make_order(contact, "ZZ-1", external_id="sf-12")
    make_order(None, "SF-12", external_id="x")  # nobody's any more: there is no page to open
    numbers = [order.number for order in orders_found(text="#sf-12", limit=9)]
    assert set(numbers[:2]) == {"SF-12", "ZZ-1"}
    assert numbers[2:] == ["SF-123", "X-SF-12"]
    assert [order.number for order in find(agent, "f-12").orders][-1:] != []


@pytest.mark.parametrize(
    ("text", "wanted"), [("7", ["7"]), ("77", ["77"]), ("777", []), ("no digit", []), ("%", []), ("_7", [])]
)
def test_short_order_numbers_must_be_the_whole(text: str, wanted: list[str]) -> None:
    contact = Contact.objects.create(name="Nok")
    for number in ("7", "77", "1-7"):
        make_order(contact, number)
    assert [order.number for order in orders_found(text=text, limit=5)] == wanted


def test_a_whole_number_is_found_amid_more_candidates_than_are_looked_at() -> None:
    contact = Contact.objects.create(name="Nok")
    Order.objects.bulk_create(
        Order(contact=contact, number=f"SF-1{n:04}", external_id=f"e{n}", total=1) for n in range(CANDIDATES + 50)
    )
    make_order(contact, "SF-1")
    assert orders_found(text="SF-1", limit=5)[0].number == "SF-1"


def titles(user: User, q: str = "") -> set[str]:
    return {str(place.title) for place in find(user, q).pages}


def test_pages_are_those_the_person_may_open(agent: User, marketer: User, owner: User) -> None:
    assert {"Inbox", "Contacts", "Your account"} <= titles(agent)
    assert not {"Labels", "Channels", "Team"} & titles(agent)
    assert "Labels" in titles(marketer) and not {"Channels", "Team"} & titles(marketer)
    assert titles(owner) == {str(place.title) for place in PLACES}
    assert find(agent, "team").pages == []
    for place in PLACES:
        client = Client()
        client.force_login(agent)
        assert (client.get(place.url).status_code == 200) is place.is_open_to(agent), place.view


def test_pages_are_found_in_both_languages(owner: User) -> None:
    with translation.override("th"):
        place = next(place for place in PLACES if place.view == "labels:list")
        for words in (str(place.title), "label", "TAGS"):
            assert place in find(owner, words).pages


def test_who_may_search(
    agent_client: Client, marketer_client: Client, owner_client: Client, outsider_client: Client, client: Client
) -> None:
    for allowed in (agent_client, marketer_client, owner_client):
        assert allowed.get("/search/?q=x").status_code == 200
        assert allowed.get("/search/?q=x", headers=HTMX).status_code == 200
        assert allowed.post("/search/").status_code == 405
    assert outsider_client.get("/search/").status_code == 403
    assert client.get("/search/").status_code == 302


def test_the_page_shows_the_same_as_the_palette(agent_client: Client) -> None:
    chat = make_conversation("Nok Noi")
    make_message(chat, "hello there")
    order = make_order(chat.identity.contact, "NOK-123")
    for q in ("nok", "NOK-123", ""):
        page = agent_client.get(f"/search/?q={q}").content.decode()
        part = agent_client.get(f"/search/?q={q}", headers=HTMX).content.decode()
        links = re.findall(r'class="pl" href="([^"]+)"', part)
        assert links and re.findall(r'class="pl" href="([^"]+)"', page) == links
        assert part.count('role="option"') == len(links)
        assert 'role="option"' not in page and "<html" not in part
    assert f"/contacts/{order.contact_id}/?tab=orders" in agent_client.get("/search/?q=NOK-1").content.decode()


def test_odd_queries_and_evil_names(agent_client: Client) -> None:
    contact = Contact.objects.create(name=EVIL)
    make_order(contact, f"1{EVIL}"[:64])
    make_message(make_conversation("x", contact=contact), EVIL)
    for q in ("script", "1%3Cscript", "%00", "%ED%A0%80", "a" * 3000, "%25", "\\", "%3Cscript%3Ealert(1)%3C/script%3E"):
        for headers in ({}, HTMX):
            answer = agent_client.get(f"/search/?q={q}", headers=headers)
            assert answer.status_code == 200
            assert "<script>alert" not in answer.content.decode() and "<img src=x" not in answer.content.decode()
            assert "no-store" in answer["Cache-Control"]


def test_statements(owner_client: Client) -> None:
    """Session, person, roles; channels, labels, contacts; chats; orders. No more, however much is found."""
    for made in (1, 8):
        for n in range(made):
            chat = make_conversation(f"Nok 12 {n}")
            make_message(chat)
            make_order(chat.identity.contact, f"12-{made}-{n}")
        for q in ("12", "nok", ""):
            with CaptureQueriesContext(connection) as captured:
                assert owner_client.get(f"/search/?q={q}", headers=HTMX).status_code == 200
            assert len(captured) <= 8, [row["sql"] for row in captured]


def test_every_page_carries_the_palette_for_those_with_a_role(agent_client: Client, outsider_client: Client) -> None:
    assert '<dialog class="palette"' in agent_client.get("/contacts/").content.decode()
    assert '<dialog class="palette"' not in outsider_client.get("/account/").content.decode()
