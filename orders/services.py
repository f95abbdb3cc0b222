"""Every write to orders by hand: add, edit, cancel, refund; each leaves an Activity row on the contact."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import wraps
from typing import ParamSpec, TypeVar

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DataError, OperationalError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from contacts.models import Activity, Contact
from saifa_crm.lib.dates import format_exact
from saifa_crm.lib.locks import lock_name
from saifa_crm.lib.money import format_baht, satang

from .lines import Line, lines_text
from .models import Order, Status

MAX_TOTAL = Decimal("9999999999.99")  # THB; what the column holds
DEADLOCK = "40P01"

P = ParamSpec("P")
R = TypeVar("R")


class OrderConflict(Exception):
    """Somebody else changed the order since it was read; `order` is what is stored now."""

    def __init__(self, order: Order) -> None:
        super().__init__(str(order))
        self.order = order


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a person may set; amounts in THB. An empty number gets one of its own."""

    total: Decimal
    status: str = Status.PENDING
    number: str = ""
    placed_at: dt.datetime | None = None  # None: now, or as it is
    is_cod: bool = False
    lines: tuple[Line, ...] = ()
    note: str = ""


def orders_lock() -> None:
    """The lock that every statement on orders takes (migration 0002); first, or two transactions can deadlock."""
    lock_name("orders.value")


def orders_absorb(contact_id: int, other_id: int) -> None:
    """The orders of a contact that is joined to another; one statement, the triggers move the value."""
    Order.objects.filter(contact_id=other_id).update(contact_id=contact_id)


def _write(service: Callable[P, R]) -> Callable[P, R]:
    """One transaction under the lock; a deadlock with somebody who locks in another order is tried once more."""

    def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            orders_lock()
            return service(*args, **kwargs)

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        nested = connection.in_atomic_block  # then the deadlock has undone the caller's work too: theirs to repeat
        try:
            try:
                return attempt(*args, **kwargs)
            except OperationalError as error:
                if nested or getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                    raise
                return attempt(*args, **kwargs)
        except DataError as error:
            raise ValidationError({"total": _("The contact's value would become too large.")}) from error

    return run


@_write
def order_add(*, contact: Contact, actor: User | None, facts: OrderFacts) -> Order:
    """A new order, made by hand. Raises ValidationError by field."""
    facts = _checked(facts, refunded=Decimal(0))
    order = Order(contact=contact, source="manual", external_id=uuid.uuid4().hex)
    _apply(order, facts)
    order.save()
    if not order.number:
        order.number = f"M-{order.pk}"
        order.save(update_fields=["number"])
    order.refresh_from_db()
    _record(order, actor, "order_added", "", order_text(order))
    return order


@_write
def order_edit(*, order_id: int, revision: int, actor: User | None, facts: OrderFacts) -> Order:
    """Replace what a person may set. Raises OrderConflict, and ValidationError by field."""
    order = _locked(order_id, revision)
    facts = _checked(facts, refunded=order.refunded)
    before, was = order_text(order), _extras(order)
    _apply(order, facts)
    order.number = order.number or f"M-{order.pk}"
    after, now = order_text(order), _extras(order)
    changed = [key for key in now if now[key] != was[key]]
    if before == after and not changed:
        return order
    _bump(order)
    _record(
        order,
        actor,
        "order_changed",
        " · ".join([before, *(was[key] for key in changed if was[key])]),
        " · ".join([after, *(now[key] for key in changed if now[key])]),
    )
    return order


@_write
def order_cancel(*, order_id: int, revision: int, actor: User | None) -> Order:
    """Cancel it; nothing where it is cancelled already. Raises OrderConflict, ValidationError if refunded."""
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    if order.status == Status.CANCELLED:
        return order
    _same_revision(order, revision)
    if order.status == Status.REFUNDED:
        raise ValidationError(_("A refunded order cannot be cancelled."))
    before = order_text(order)
    order.status = Status.CANCELLED
    _bump(order)
    _record(order, actor, "order_cancelled", before, order_text(order))
    return order


@_write
def order_refund(*, order_id: int, revision: int, actor: User | None, amount: Decimal) -> Order:
    """Return `amount` THB; once all of it is returned the order is refunded. Raises as order_edit does."""
    order = _locked(order_id, revision)
    amount = satang(amount)
    if order.status == Status.PENDING:
        raise ValidationError(_("Nothing has been paid on this order yet."))
    if amount <= 0:
        raise ValidationError({"amount": _("Write an amount above zero.")})
    if amount > order.net:
        limit = format_baht(order.net)
        raise ValidationError({"amount": _("At most %(limit)s can still be refunded.") % {"limit": limit}})
    before = order_text(order)
    order.refunded += amount
    if order.net == 0 and order.status != Status.CANCELLED:
        order.status = Status.REFUNDED
    _bump(order)
    _record(order, actor, "order_refunded", before, order_text(order))
    return order


def order_text(order: Order) -> str:
    """LIV-10482 · ฿1,890.00 · Paid: kept in English, whoever wrote it."""
    with override("en"):
        parts = [str(order), format_baht(order.total), str(order.get_status_display())]
        if order.is_cod:
            parts.append("COD")
        if order.refunded:
            parts.append(f"{format_baht(order.refunded)} refunded")
        return " · ".join(parts)


def _extras(order: Order) -> dict[str, str]:
    """What order_text leaves out, to be named only where it changed."""
    items = " + ".join(
        f"{row.get('name')} ×{row.get('quantity')} @ {row.get('price')}"
        for row in (order.lines if isinstance(order.lines, list) else [])
        if isinstance(row, dict)
    )
    with override("en"):
        return {"placed": format_exact(order.placed_at), "lines": items or lines_text(order.lines), "note": order.note}


def _locked(order_id: int, revision: int) -> Order:
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    _same_revision(order, revision)
    return order


def _same_revision(order: Order, revision: int) -> None:
    if order.revision != revision:
        raise OrderConflict(order)


def _checked(facts: OrderFacts, *, refunded: Decimal) -> OrderFacts:
    total = satang(facts.total)
    if not 0 <= total <= MAX_TOTAL:
        raise ValidationError({"total": _("The total must be between 0 and 9,999,999,999.99.")})
    if total < refunded:
        message = _("%(refunded)s of this order was refunded: the total cannot be less.")
        raise ValidationError({"total": message % {"refunded": format_baht(refunded)}})
    if facts.status not in Status.values:
        raise ValidationError({"status": _("Choose a status.")})
    return replace(facts, total=total)


def _apply(order: Order, facts: OrderFacts) -> None:
    order.number, order.status, order.is_cod = facts.number, facts.status, facts.is_cod
    order.total, order.note = facts.total, facts.note
    order.lines = [line.as_json() for line in facts.lines]
    if facts.placed_at:
        order.placed_at = facts.placed_at


def _bump(order: Order) -> None:
    order.revision += 1
    order.save()


def _record(order: Order, actor: User | None, verb: str, before: str, after: str) -> None:
    if order.contact_id is not None:
        Activity.objects.create(contact_id=order.contact_id, actor=actor, verb=verb, before=before, after=after)
