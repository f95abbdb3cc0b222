"""Contact.value stays the sum of the counted orders, whichever way orders are written (rule 4)."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from contacts.models import Contact
from contacts.services import contact_absorb
from orders.models import Order, Status
from orders.services import OrderFacts, order_add, order_cancel, order_edit, order_refund

from .conftest import MakeOrder, assert_values_true

pytestmark = pytest.mark.django_db


def value_of(contact: Contact) -> tuple[Decimal, int]:
    contact.refresh_from_db()
    assert_values_true()
    return contact.value, contact.order_count


def run(sql: str, *params: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def other() -> Contact:
    return Contact.objects.create(name="Mint")


def test_services(contact: Contact, agent: User) -> None:
    order = order_add(contact=contact, actor=agent, facts=OrderFacts(total=Decimal("1890"), status=Status.PAID))
    assert value_of(contact) == (Decimal("1890.00"), 1)
    order = order_edit(
        order_id=order.pk, revision=0, actor=agent, facts=OrderFacts(total=Decimal("2000.50"), status=Status.SHIPPED)
    )
    assert value_of(contact) == (Decimal("2000.50"), 1)
    order = order_refund(order_id=order.pk, revision=1, actor=agent, amount=Decimal("500.25"))
    assert value_of(contact) == (Decimal("1500.25"), 1)
    order_cancel(order_id=order.pk, revision=2, actor=agent)
    assert value_of(contact) == (Decimal(0), 0)


def test_every_status_to_every_other(contact: Contact, make_order: MakeOrder) -> None:
    order = make_order("70.00", refunded="20.00")
    for status, is_cod in [*product(Status.values, (True, False)), *product(reversed(Status.values), (False, True))]:
        Order.objects.filter(pk=order.pk).update(status=status, is_cod=is_cod)
        counts = status == "completed" or (status in ("paid", "shipped") and not is_cod)
        assert value_of(contact) == ((Decimal(50), 1) if counts else (Decimal(0), 0)), (status, is_cod)


def test_bulk_create_update_delete(contact: Contact, other: Contact) -> None:
    Order.objects.bulk_create(
        Order(contact=owner, external_id=f"b{place}-{owner.pk}", total=place, status="paid")
        for place in range(1, 51)
        for owner in (contact, other)
    )
    assert value_of(contact) == (Decimal(1275), 50)
    Order.objects.filter(total__gt=40).update(total=F("total") + 1, status="completed", is_cod=True)
    assert value_of(other) == (Decimal(1285), 50)
    rows = list(Order.objects.filter(total__lt=10))
    for row in rows:
        row.refunded = row.total
    Order.objects.bulk_update(rows, ["refunded"])
    assert value_of(contact) == (Decimal(1240), 50)
    Order.objects.filter(total__gt=10).delete()
    assert value_of(contact) == (Decimal(10), 10)


def test_moving_between_contacts(contact: Contact, other: Contact, make_order: MakeOrder) -> None:
    order = make_order("300.00")
    make_order("45.00")
    order.contact = other
    order.save()
    assert (value_of(contact)[0], value_of(other)[0]) == (45, 300)
    swap = "UPDATE orders_order SET contact_id = CASE contact_id WHEN %s THEN %s ELSE %s END"
    run(swap, contact.pk, other.pk, contact.pk)
    assert (value_of(contact)[0], value_of(other)[0]) == (300, 45)


def test_orders_of_nobody(contact: Contact, make_order: MakeOrder) -> None:
    order = make_order("300.00", contact=None)
    assert value_of(contact) == (0, 0)
    Order.objects.filter(pk=order.pk).update(contact=contact)
    assert value_of(contact) == (300, 1)
    Order.objects.filter(pk=order.pk).update(contact=None, total=7)
    assert value_of(contact) == (0, 0)
    order.delete()
    assert_values_true()


def test_raw_sql(contact: Contact, other: Contact) -> None:
    insert = "INSERT INTO orders_order (contact_id, external_id, total, status) VALUES (%s, %s, %s, 'paid')"
    run(insert, contact.pk, "r1", 10)
    run(insert, contact.pk, "r2", "20.55")
    assert value_of(contact) == (Decimal("30.55"), 2)
    run("UPDATE orders_order SET refunded = 0.55, status = 'completed' WHERE external_id = 'r2'")
    assert value_of(contact) == (Decimal("30.00"), 2)
    run(
        "WITH gone AS (DELETE FROM orders_order WHERE external_id = 'r1' RETURNING total)"
        " INSERT INTO orders_order (contact_id, external_id, total, status) SELECT %s, 'r3', total, 'paid' FROM gone",
        other.pk,
    )
    assert (value_of(contact)[0], value_of(other)[0]) == (20, 10)
    run("DELETE FROM orders_order")
    assert value_of(contact) == (0, 0)


def test_upsert_merge_copy_truncate(contact: Contact, other: Contact) -> None:
    upsert = (
        "INSERT INTO orders_order (contact_id, external_id, total, status)"
        " VALUES (%s, 'u1', %s, 'paid'), (%s, %s, 5, 'paid')"
        " ON CONFLICT (source, external_id) DO UPDATE SET total = excluded.total, contact_id = excluded.contact_id"
    )
    run(upsert, contact.pk, 10, contact.pk, "u2")
    run(upsert, other.pk, 99, contact.pk, "u3")
    assert (value_of(contact), value_of(other)) == ((10, 2), (99, 1))
    run("INSERT INTO orders_order (external_id, total) VALUES ('u1', 1) ON CONFLICT DO NOTHING")
    assert value_of(other) == (99, 1)
    run(
        "MERGE INTO orders_order o USING (VALUES ('u1', 1), ('m1', 2)) AS v(id, total) ON o.external_id = v.id"
        " WHEN MATCHED THEN UPDATE SET total = v.total"
        " WHEN NOT MATCHED THEN INSERT (contact_id, external_id, total, status) VALUES (%s, v.id, v.total, 'paid')",
        contact.pk,
    )
    assert (value_of(contact), value_of(other)) == ((12, 3), (1, 1))
    with connection.cursor() as cursor:
        copied = cursor.cursor.copy("COPY orders_order (contact_id, external_id, total, status) FROM STDIN")
        with copied as copy:
            for place in range(20):
                copy.write_row((contact.pk, f"c{place}", Decimal("1.5"), "paid"))
    assert value_of(contact) == (Decimal(42), 23)
    run("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE refuses while the test's transaction has checks to do
    run("TRUNCATE orders_order")
    assert (value_of(contact), value_of(other)) == ((0, 0), (0, 0))


def test_a_deleted_contact_leaves_its_orders(contact: Contact, other: Contact, make_order: MakeOrder) -> None:
    order = make_order("300.00")
    contact.delete()
    order.refresh_from_db()
    assert order.contact is None
    Order.objects.update(contact=other)
    assert value_of(other) == (300, 1)


def test_joined_contacts_add_up(contact: Contact, other: Contact, make_order: MakeOrder) -> None:
    for owner in (contact, other, other):
        make_order("300.00", contact=owner)
    contact_absorb(contact_id=contact.pk, other_id=other.pk)
    assert value_of(contact) == (900, 3)


def test_a_rolled_back_statement_changes_nothing(contact: Contact, make_order: MakeOrder) -> None:
    make_order("300.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        run(
            "INSERT INTO orders_order (contact_id, external_id, total, status)"
            " VALUES (%s, %s, 1, 'paid'), (%s, 'x', 1, 'nonsense')",
            contact.pk,
            uuid4().hex,
            contact.pk,
        )
    assert value_of(contact) == (300, 1)
