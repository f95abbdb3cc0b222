"""What the orders app shows in the customer panel: its tab and the recent few on Overview."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from contacts.models import Contact

from .selectors import order_count, order_page, orders_recent


def section_context(contact: Contact, request: HttpRequest) -> dict[str, Any]:
    """A page of orders and the sums under it: two queries."""
    page = order_page(contact, request.GET.get("before", ""))
    return {"contact": contact, "page": page, "order_total_count": order_count(contact)}


def summary_context(contact: Contact, request: HttpRequest) -> dict[str, Any]:
    """The newest few: two queries."""
    return {"contact": contact, "recent_orders": orders_recent(contact), "order_total_count": order_count(contact)}
