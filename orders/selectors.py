"""Reads of orders: a contact's orders a page at a time, and what they add up to."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from django.db.models import Case, Q, Value, When

from contacts.models import Contact

from .models import SEARCHED_KEYS, Order

PAGE_SIZE = 20
RECENT = 3
CANDIDATES = 200  # orders looked at for a part of a number: letters that all numbers share cost no more than these
FEWEST = 3  # signs of a part of a number; fewer must be the whole
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Newest first; `older` is the key of the next page, empty at the end."""

    rows: list[Order]
    older: str = ""


def _key(order: Order) -> str:
    return f"{(order.placed_at - EPOCH) // dt.timedelta(microseconds=1)}.{order.pk}"


def _after(key: str) -> Q:
    """What comes after a key; a broken key is the first page."""
    moment, _, pk = key.partition(".")
    try:
        placed_at, last = EPOCH + dt.timedelta(microseconds=int(moment)), int(pk)
    except (ValueError, OverflowError):
        return Q()
    if abs(last) >= 2**31:
        return Q()
    return Q(placed_at__lt=placed_at) | Q(placed_at=placed_at, pk__lt=last)


def order_page(contact: Contact, key: str = "") -> OrderPage:
    """One query, however many orders there are."""
    found = Order.objects.filter(_after(key), contact=contact).order_by("-placed_at", "-pk")
    rows = list(found[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return OrderPage(rows, _key(rows[-1]) if more else "")


def orders_recent(contact: Contact) -> list[Order]:
    """The newest few, for the overview."""
    return list(Order.objects.filter(contact=contact).order_by("-placed_at", "-pk")[:RECENT])


def order_count(contact: Contact) -> int:
    """All orders of the contact; those that count are Contact.order_count."""
    return Order.objects.filter(contact=contact).count()


def orders_found(*, text: str, limit: int) -> list[Order]:
    """Orders of contacts by number or the source's id: whole ones first, then beginnings, then parts. One query.

    What holds no digit is nobody's order number and costs none.
    """
    key = unicodedata.normalize("NFKC", text).strip().removeprefix("#").upper()
    if not any(sign.isdigit() for sign in key):
        return []
    orders = Order.objects.annotate(keys=SEARCHED_KEYS).filter(contact__isnull=False)
    whole = Q(keys__startswith=f"{key}\n") | Q(keys__endswith=f"\n{key}")
    start = Q(keys__startswith=key) | Q(keys__contains=f"\n{key}")
    chosen = orders.filter(whole).values("pk")[:limit]
    if len(key) >= FEWEST:
        chosen = chosen.union(orders.filter(keys__contains=key).values("pk")[:CANDIDATES])
    rank = Case(When(whole, then=Value(0)), When(start, then=Value(1)), default=Value(2))
    best = orders.filter(pk__in=chosen).select_related("contact").order_by(rank, "-placed_at", "-pk")
    return list(best[:limit])
