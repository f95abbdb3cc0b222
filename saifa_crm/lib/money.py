"""Amounts in THB, as Decimal with two places."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

TWO_PLACES = Decimal("0.01")


def satang(amount: Decimal | int | str) -> Decimal:
    """The amount rounded to two places, half up."""
    return Decimal(amount).quantize(TWO_PLACES, rounding=ROUND_HALF_UP)


def format_baht(amount: Decimal | int | str) -> str:
    """฿12,450.00; a negative amount has its sign first."""
    value = satang(amount)
    return f"{'-' if value < 0 else ''}฿{abs(value):,.2f}"
