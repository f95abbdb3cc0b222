"""Filters of order rows: the tone of a status, the items in one line."""

from __future__ import annotations

from django import template

from orders.lines import lines_text
from orders.models import Order, Status

register = template.Library()

TONES = {
    Status.PENDING: "pill-warn",
    Status.PAID: "pill-ok",
    Status.SHIPPED: "pill-info",
    Status.COMPLETED: "pill-info",
}


@register.filter
def tone(order: Order) -> str:
    """The class of the status pill."""
    return TONES.get(Status(order.status), "")


@register.filter
def weight(order: Order) -> str:
    """How the amount is drawn: struck through when void, grey while it does not count."""
    if order.status in (Status.CANCELLED, Status.REFUNDED):
        return "void"
    return "" if order.is_counted else "pend"


@register.filter
def items(order: Order) -> str:
    """What was bought."""
    return lines_text(order.lines)
