"""The shop's name, and the end of the first walk through."""

from __future__ import annotations

from django.db import transaction

from ..models import Shop
from ..selectors import shop_name


def shop_rename(*, name: str) -> None:
    """Name the shop."""
    Shop.objects.update_or_create(pk=1, defaults={"name": name})
    transaction.on_commit(shop_name.forget, robust=True)


def shop_finish_setup() -> None:
    """No owner is led to the welcome pages again."""
    Shop.objects.update_or_create(pk=1, defaults={"setup_done": True})
