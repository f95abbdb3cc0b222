"""The contact list's column of when somebody last ordered."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from contacts.columns import ListColumn

from .models import Order


def last_orders(ids: list[int]) -> dict[int, dt.datetime]:
    """Time of each contact's newest order, whatever became of it. Walks (contact, placed_at)."""
    rows = Order.objects.filter(contact_id__in=ids).order_by().values_list("contact_id").annotate(at=Max("placed_at"))
    return dict(rows)


LAST_ORDER = ListColumn(
    "last_order",
    _("Last Order"),
    "c-opt c-last-order",
    last_orders,
    _("No orders"),
    cell="time",
    order=140,
)
