"""Pages of orders: roles, errors in place, two editors, query counts, escaping."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact
from contacts.registry import panel_sections
from orders.models import Order, Status

from .conftest import MakeOrder, assert_values_true

pytestmark = pytest.mark.django_db


def typed(*lines: tuple[str, str, str], **values: Any) -> dict[str, Any]:
    data = {"number": "", "placed_at": "2026-11-22T14:05", "status": "paid", "total": "", "note": "", "revision": "0"}
    data |= {"lines-TOTAL_FORMS": str(len(lines) + 5), "lines-INITIAL_FORMS": "0"}
    for place, line in enumerate(lines):
        data |= {f"lines-{place}-{key}": text for key, text in zip(("name", "quantity", "price"), line, strict=True)}
    return data | values


def page(client: Client, path: str, data: dict[str, Any] | None = None, **headers: Any) -> str:
    response = client.get(path, **headers) if data is None else client.post(path, data, **headers)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize("path", ["contact/{contact}/add/", "{order}/edit/", "{order}/cancel/", "{order}/refund/"])
def test_only_agent_and_owner_write(
    contact: Contact, make_order: MakeOrder, client: Client, path: str, agent_client: Client, owner_client: Client,
    marketer_client: Client, outsider_client: Client,
) -> None:  # fmt: skip
    order = make_order()
    url = "/orders/" + path.format(contact=contact.pk, order=order.pk)
    for method in ("get", "post"):
        assert getattr(client, method)(url).status_code == 302
        assert getattr(outsider_client, method)(url).status_code == 403
        assert getattr(marketer_client, method)(url).status_code == 403
        assert getattr(agent_client, method)(url).status_code == 200
        assert getattr(owner_client, method)(url).status_code == 200
    assert Order.objects.filter(revision=0, status=Status.PAID).count() == 1


def test_a_marketer_reads_without_links_to_write(
    contact: Contact, make_order: MakeOrder, marketer_client: Client
) -> None:
    order = make_order(number="LIV-1")
    html = page(marketer_client, f"/orders/contact/{contact.pk}/")
    assert "LIV-1" in html
    assert f"/orders/{order.pk}/" not in html
    assert "/add/" not in html


def test_adding_with_items_only(contact: Contact, agent_client: Client) -> None:
    data = typed(("Glow Serum", "๒", "945"), ("Sunscreen", "", "１，２００.５０"), note="wrap\r\nit", is_cod="on")
    response = agent_client.post(f"/orders/contact/{contact.pk}/add/", data)
    assert (response.status_code, response["Location"]) == (302, f"/contacts/{contact.pk}/?tab=orders")
    order = Order.objects.get()
    assert (order.total, order.is_cod, order.note) == (Decimal("3090.50"), True, "wrap\nit")
    assert [line["quantity"] for line in order.lines] == [2, 1]
    assert order.placed_at == dt.datetime(2026, 11, 22, 7, 5, tzinfo=dt.UTC)
    assert_values_true()


def test_htmx_is_sent_to_the_tab_and_the_panel_is_told(contact: Contact, agent_client: Client) -> None:
    response = agent_client.post(f"/orders/contact/{contact.pk}/add/", typed(total="5"), headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == f"/contacts/{contact.pk}/?tab=orders"
    assert response["HX-Trigger"] == "contactChanged"


def test_errors_stand_in_place_and_nothing_typed_is_lost(contact: Contact, agent_client: Client) -> None:
    data = typed(
        ("Glow", "0", "9,45"),
        ("", "2", "5"),
        total="1.005",
        number="N" * 65,
        placed_at="1999-01-01T00:00",
        note="keep me",
    )
    html = page(agent_client, f"/orders/contact/{contact.pk}/add/", data)
    for text in ("Glow", "9,45", "1.005", "N" * 65, "keep me", "1999-01-01T00:00"):
        assert text in html
    for name in ("lines-0-quantity", "lines-0-price", "lines-1-name", "total", "number", "placed_at"):
        assert f'id="id_{name}_error"' in html, name
    assert not Order.objects.exists()


def test_no_total_and_no_price_is_an_error_of_the_total(contact: Contact, agent_client: Client) -> None:
    html = page(agent_client, f"/orders/contact/{contact.pk}/add/", typed(("Glow", "1", "")))
    assert 'id="id_total_error"' in html
    assert (
        agent_client.post(f"/orders/contact/{contact.pk}/add/", typed(("Glow", "1", ""), total="0")).status_code == 302
    )


@pytest.mark.parametrize(
    "broken",
    [{}, {"lines-TOTAL_FORMS": "x"}, {"lines-TOTAL_FORMS": "99999999"}, {"status": "refunded"}, {"status": "zzz"},
     {"placed_at": "0001-01-01T00:00"}, {"placed_at": "9999-12-31T23:59"}, {"note": "a\x00b"}, {"lines-0-name": "\x00"},
     {"note": "ก" * 2001}, {"total": "9" * 500}],
    ids=str,
)  # fmt: skip
def test_broken_input_is_answered_not_crashed(contact: Contact, agent_client: Client, broken: dict[str, str]) -> None:
    data = typed(("Toner", "1", "5")) | broken if broken else {}
    assert agent_client.post(f"/orders/contact/{contact.pk}/add/", data).status_code == 200
    assert not Order.objects.exists()


def test_editing_shows_and_keeps_what_is_stored(make_order: MakeOrder, agent_client: Client) -> None:
    moment = dt.datetime(2026, 11, 1, 3, 4, 5, 678, tzinfo=dt.UTC)
    lines = [{"name": "Toner", "quantity": 2, "price": "745.25"}]
    order = make_order("1490.50", placed_at=moment, number="LIV-7", lines=lines)
    html = page(agent_client, f"/orders/{order.pk}/edit/")
    for text in ("LIV-7", "1,490.50", "745.25", "2026-11-01T10:04"):
        assert text in html
    data = typed(("Toner", "2", "745.25"), number="LIV-7", total="1,490.50", placed_at="2026-11-01T10:04")
    assert agent_client.post(f"/orders/{order.pk}/edit/", data).status_code == 302
    order.refresh_from_db()
    assert (order.revision, order.placed_at) == (0, moment)  # the seconds the field does not show are kept


def test_the_second_editor_sees_what_is_stored_and_keeps_what_they_typed(
    make_order: MakeOrder, agent_client: Client, owner_client: Client
) -> None:
    order = make_order("100.00", number="LIV-1")
    url = f"/orders/{order.pk}/edit/"
    assert owner_client.post(url, typed(total="250", number="LIV-1")).status_code == 302
    html = page(agent_client, url, typed(total="333", number="LIV-1", note="mine"))
    assert 'id="conflict"' in html
    assert "฿250.00" in html
    assert 'value="333"' in html
    assert "mine" in html
    assert 'name="revision" value="1"' in html
    order.refresh_from_db()
    assert order.total == 250
    assert agent_client.post(url, typed(total="333", number="LIV-1", note="mine", revision="1")).status_code == 302
    order.refresh_from_db()
    assert order.total == 333


@pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999"])
def test_a_form_without_a_true_revision_writes_nothing(
    make_order: MakeOrder, agent_client: Client, revision: str
) -> None:
    order = make_order("100.00")
    for path, data in (("edit", typed(total="5")), ("cancel", {}), ("refund", {"amount": "1"})):
        page(agent_client, f"/orders/{order.pk}/{path}/", data | {"revision": revision})
    order.refresh_from_db()
    assert (order.revision, order.total) == (0, 100)


def test_cancel_and_refund_are_confirmed_first(make_order: MakeOrder, agent_client: Client, contact: Contact) -> None:
    order = make_order("100.00")
    assert 'value="100.00"' in page(agent_client, f"/orders/{order.pk}/refund/")
    html = page(agent_client, f"/orders/{order.pk}/refund/", {"revision": "0", "amount": "100.01"})
    assert 'id="id_amount_error"' in html
    assert agent_client.post(f"/orders/{order.pk}/refund/", {"revision": "0", "amount": "๔๐"}).status_code == 302
    contact.refresh_from_db()
    assert contact.value == 60
    html = page(agent_client, f"/orders/{order.pk}/cancel/", {"revision": "0"})
    assert 'id="conflict"' in html
    assert agent_client.post(f"/orders/{order.pk}/cancel/", {"revision": "1"}).status_code == 302
    contact.refresh_from_db()
    assert contact.value == 0


def test_the_section_adds_up_and_shows_what_does_not_count(
    contact: Contact, make_order: MakeOrder, agent_client: Client
) -> None:
    make_order("1000.00")
    make_order("500.00", refunded=Decimal(200))
    make_order("70.00", status=Status.PENDING)
    make_order("60.00", status=Status.CANCELLED)
    make_order("50.00", is_cod=True)
    html = page(agent_client, f"/orders/contact/{contact.pk}/", HTTP_HX_REQUEST="true")
    assert "<html" not in html
    assert html.count('class="pend"') == 2
    assert html.count('class="void"') == 1
    assert "฿1,300.00" in html
    assert "2 of 5 orders count" in html


def test_older_orders_with_and_without_htmx(contact: Contact, make_order: MakeOrder, agent_client: Client) -> None:
    for place in range(25):
        make_order(number=f"N{place:02}", placed_at=timezone.now() - dt.timedelta(days=place))
    url = f"/orders/contact/{contact.pk}/"
    html = page(agent_client, url)
    assert ("N19" in html, "N20" in html) == (True, False)
    older = html.split('<a class="link" href="')[1].split('"')[0]
    for headers in ({}, {"HX-Request": "true"}):
        html = page(agent_client, older, headers=headers)
        assert ("N19" in html, "N20" in html, "N24" in html) == (False, True, True)
    assert "<section" not in html


def test_queries_do_not_grow_with_orders(contact: Contact, make_order: MakeOrder, agent_client: Client) -> None:
    counts = []
    page(agent_client, f"/orders/contact/{contact.pk}/")  # what is asked for now and then: unread chats, alerts
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            page(agent_client, f"/orders/contact/{contact.pk}/")
        counts.append(len(queries))
        for _ in range(12):
            make_order(lines=[{"name": "Toner", "quantity": 1, "price": "5"}])
    # Session, user, groups, contact, page, count; and what the base template asks.
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 8


def test_texts_from_outside_are_escaped(contact: Contact, make_order: MakeOrder, agent_client: Client) -> None:
    evil = '"><script>alert(1)</script>'
    Contact.objects.filter(pk=contact.pk).update(name=evil)
    order = make_order(number=evil, note=evil, lines=[{"name": evil, "quantity": 1, "price": "1"}])
    for path in (f"contact/{contact.pk}/", f"contact/{contact.pk}/add/", f"{order.pk}/edit/", f"{order.pk}/refund/"):
        assert "<script>alert" not in page(agent_client, f"/orders/{path}")
    for path, data in (("edit", typed(total="5", note=evil)), ("cancel", {}), ("refund", {"amount": evil})):
        html = page(agent_client, f"/orders/{order.pk}/{path}/", data | {"revision": "7"})
        assert "<script>alert" not in html


@pytest.mark.parametrize("path", ["contact/{}/", "contact/{}/add/", "{}/edit/", "{}/cancel/", "{}/refund/"])
def test_what_is_not_there_is_404(agent_client: Client, path: str) -> None:
    for pk in ("7", "9" * 30):
        assert agent_client.get("/orders/" + path.format(pk)).status_code == 404


def test_an_order_of_nobody_can_be_opened(make_order: MakeOrder, agent_client: Client) -> None:
    order = make_order(contact=None)
    for path in ("edit", "cancel", "refund"):
        page(agent_client, f"/orders/{order.pk}/{path}/")


def test_the_panel_knows_the_section(contact: Contact, make_order: MakeOrder, rf: Any) -> None:
    from django.template.loader import render_to_string

    make_order("12.00", number="LIV-1")
    section = next(one for one in panel_sections() if one.key == "orders")
    request = rf.get("/")
    assert section.count and section.count(contact) == 1
    assert section.summary
    for template, context in ((section.template, section.context), (section.summary_template, section.summary)):
        assert "LIV-1" in render_to_string(template, context(contact, request))
