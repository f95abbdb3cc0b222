"""The contact list's column of when somebody last ordered."""

from __future__ import annotations

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from contacts.columns import ListColumn
from saifa_crm.templatetags.ui import when

from .models import Order


def last_orders(ids: list[int]) -> dict[int, str]:
    """Time of each contact's newest order, whatever became of it. Walks (contact, placed_at)."""
    rows = Order.objects.filter(contact_id__in=ids).order_by().values_list("contact_id").annotate(at=Max("placed_at"))
    return {contact_id: when(at) for contact_id, at in rows}


LAST_ORDER = ListColumn("last_order", _("Last Order"), "c-opt c-last-order", last_orders, _("No orders"), order=140)
