"""The ticked rows of the list, as its form posts them."""

from __future__ import annotations

from django.http import QueryDict

BIGGEST_ID = 2**31 - 1


def ticked_ids(data: QueryDict) -> list[int]:
    """Ids of ticked rows: an `id` each (without JavaScript), `ids` with commas; what cannot be one is left out."""
    texts = {*data.getlist("id"), *data.get("ids", "").split(",")}
    numbers = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 10}
    return sorted(number for number in numbers if number <= BIGGEST_ID)
