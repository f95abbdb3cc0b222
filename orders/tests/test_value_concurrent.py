"""Rule 4 under concurrent transactions: services beside bulk updates, raw SQL, moves and joins; no deadlock escapes."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F

from contacts.models import Activity, Contact
from contacts.services import contact_absorb
from orders.models import Order, Status
from orders.services import (
    OrderConflict,
    OrderFacts,
    order_add,
    order_cancel,
    order_edit,
    order_refund,
)
from saifa_crm.tests.threads import together

from .conftest import MakeOrder, assert_values_true

pytestmark = pytest.mark.django_db(transaction=True)

Job = Callable[[], object]


def _contacts(count: int) -> list[Contact]:
    return [Contact.objects.create(name=f"Customer {place}") for place in range(count)]


def test_two_connections_on_one_contact_lose_nothing(contact: Contact) -> None:
    def add() -> None:
        for _ in range(25):
            order_add(contact=contact, actor=None, facts=OrderFacts(total=Decimal("10.01"), status=Status.PAID))

    assert together(add, add) == []
    contact.refresh_from_db()
    assert (contact.value, contact.order_count) == (Decimal("500.50"), 50)
    assert Activity.objects.filter(contact=contact, verb="order_added").count() == 50


class Chaos:
    """Random writes of every kind to a few contacts, some of many statements in one transaction."""

    def __init__(self, seed: int, contacts: list[Contact]) -> None:
        self.random = random.Random(seed)
        self.ids = [contact.pk for contact in contacts]

    def __call__(self) -> None:
        kinds = (self.add, self.edit, self.refund, self.cancel, self.bulk, self.raw, self.move, self.delete, self.many)
        for _ in range(40):
            self.random.choice(kinds)()

    def _order(self) -> Order | None:
        return Order.objects.filter(contact_id=self.random.choice(self.ids)).order_by("?").first()

    def _facts(self) -> OrderFacts:
        total = Decimal(self.random.randint(0, 99_999)) / 100 + 1000
        return OrderFacts(total=total, status=self.random.choice(Status.values), is_cod=self.random.random() < 0.3)

    def add(self) -> None:
        order_add(contact=Contact(pk=self.random.choice(self.ids)), actor=None, facts=self._facts())

    def _try(self, job: Callable[[Order], object]) -> None:
        order = self._order()
        if order is None:
            return
        try:
            job(order)
        except (OrderConflict, Order.DoesNotExist, ValidationError):
            pass  # another thread was first, or nothing is left to refund

    def edit(self) -> None:
        self._try(lambda one: order_edit(order_id=one.pk, revision=one.revision, actor=None, facts=self._facts()))

    def refund(self) -> None:
        self._try(lambda one: order_refund(order_id=one.pk, revision=one.revision, actor=None, amount=Decimal("9.5")))

    def cancel(self) -> None:
        self._try(lambda one: order_cancel(order_id=one.pk, revision=one.revision, actor=None))

    def bulk(self) -> None:
        statuses = self.random.choice(Status.values), self.random.choice(Status.values)
        Order.objects.filter(status=statuses[0]).update(status=statuses[1], total=F("total") + 1)

    def raw(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO orders_order (contact_id, external_id, total, status)"
                " SELECT id, 'raw' || id || '-' || %s, 12.5, 'paid' FROM unnest(%s::integer[]) AS ids(id)",
                [uuid4().hex, self.random.sample(self.ids, len(self.ids))],
            )

    def move(self) -> None:
        one, other = self.random.sample(self.ids, 2)
        Order.objects.filter(contact_id=one, is_cod=self.random.random() < 0.5).update(contact_id=other)

    def delete(self) -> None:
        Order.objects.filter(contact_id=self.random.choice(self.ids), status=self.random.choice(Status.values)).delete()

    def many(self) -> None:
        """Several statements on several contacts in one transaction, in any order."""
        with transaction.atomic():
            for pk in self.random.sample(self.ids, 3):
                Order.objects.filter(contact_id=pk).update(refunded=F("refunded") + Decimal("0.25"))
                self.add()


@pytest.mark.parametrize("seed", [1, 2])
def test_mixed_writes_from_four_connections(seed: int) -> None:
    contacts = _contacts(4)
    assert together(*(Chaos(seed * 100 + place, contacts) for place in range(4))) == []
    assert Order.objects.exists()
    assert_values_true()


def test_joining_contacts_beside_orders_on_both() -> None:
    """Each join moves a contact's orders away while two connections write orders of both."""
    pairs = [_contacts(2) for _ in range(8)]
    everybody = [contact for pair in pairs for contact in pair]

    def raw() -> None:
        for kept, other in pairs:
            Order.objects.filter(contact_id__in=(kept.pk, other.pk)).update(total=F("total") + 1)

    def add() -> None:
        for kept, _other in reversed(pairs):
            for _ in range(3):
                order_add(contact=kept, actor=None, facts=OrderFacts(total=Decimal(5), status=Status.PAID))

    def join() -> None:
        for kept, other in pairs:
            contact_absorb(contact_id=kept.pk, other_id=other.pk)

    for contact in everybody:
        order_add(contact=contact, actor=None, facts=OrderFacts(total=Decimal(7), status=Status.PAID))
    assert together(raw, add, join, add) == []
    assert [contact.order_count for contact in Contact.objects.all()] == [8] * 8
    assert_values_true()


def test_two_editors_at_once_one_is_told(contact: Contact, make_order: MakeOrder) -> None:
    order = make_order("100.00", number="LIV-1")

    def edit(total: int) -> Job:
        facts = OrderFacts(total=Decimal(total), number="LIV-1", status=Status.PAID)
        return lambda: order_edit(order_id=order.pk, revision=0, actor=None, facts=facts)

    errors = together(edit(200), edit(300))
    assert [type(error) for error in errors] == [OrderConflict]
    order.refresh_from_db()
    assert order.revision == 1
    assert order.total in (200, 300)
    assert_values_true()


def test_two_refunds_at_once_never_exceed_the_total(make_order: MakeOrder) -> None:
    order = make_order("100.00")

    def refund() -> None:
        order_refund(order_id=order.pk, revision=0, actor=None, amount=Decimal(60))

    assert len(together(refund, refund, refund)) == 2
    order.refresh_from_db()
    assert order.refunded == 60
    assert_values_true()


def test_a_deadlock_with_raw_sql_is_tried_again() -> None:
    """A transaction that locks a contact and then writes orders is the wrong way round; the service repeats."""
    contact = Contact.objects.create(name="Somchai")
    holds, waits = threading.Event(), threading.Event()
    attempts: list[int] = []

    def wrong_way_round() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '60s'")  # the other side notices first
            cursor.execute("SELECT 1 FROM contacts_contact WHERE id = %s FOR UPDATE", [contact.pk])
            holds.set()
            assert waits.wait(20)
            Order.objects.create(contact=contact, external_id="raw", total=3, status="paid")

    def add() -> None:
        assert holds.wait(20)

        def count(execute: Callable[..., object], sql: str, *args: object) -> object:
            result = execute(sql, *args)
            if "pg_advisory_xact_lock" in sql:
                attempts.append(1)
                waits.set()
            return result

        with connection.execute_wrapper(count):
            order_add(contact=contact, actor=None, facts=OrderFacts(total=Decimal(4), status=Status.PAID))

    assert together(wrong_way_round, add) == []
    contact.refresh_from_db()
    assert (contact.value, len(attempts)) == (7, 2)
    assert_values_true()
