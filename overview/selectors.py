"""Reads of the shop."""

from __future__ import annotations

from .models import Shop


def shop_name() -> str:
    """Name of the shop, empty before the first owner named it."""
    return Shop.objects.filter(pk=1).values_list("name", flat=True).first() or ""
