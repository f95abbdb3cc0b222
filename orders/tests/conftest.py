"""Contacts and orders for the tests of this app, and the sum that must hold."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import Contact
from orders.models import Order, Status

MakeOrder = Callable[..., Order]


@pytest.fixture
def contact(db: None) -> Contact:
    return Contact.objects.create(name="Nattaya Boonmee")


@pytest.fixture
def make_order(contact: Contact) -> MakeOrder:
    def make(total: str = "100.00", **values: Any) -> Order:
        values = {"contact": contact, "status": Status.PAID, "placed_at": timezone.now()} | values
        return Order.objects.create(external_id=uuid4().hex, total=Decimal(total), **values)

    return make


def wrong_values() -> list[tuple[Any, ...]]:
    """Contacts whose value or count is not the sum over their counted orders, computed apart from the triggers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, c.value, c.order_count, coalesce(sum(o.total - o.refunded), 0), count(o.id)
            FROM contacts_contact c
            LEFT JOIN orders_order o ON o.contact_id = c.id AND (
                o.status = 'completed' OR (o.status IN ('paid', 'shipped') AND NOT o.is_cod))
            GROUP BY c.id
            HAVING c.value <> coalesce(sum(o.total - o.refunded), 0) OR c.order_count <> count(o.id)
            """
        )
        return cursor.fetchall()


def assert_values_true() -> None:
    """Rule 4 of the design, over every contact."""
    assert wrong_values() == []
