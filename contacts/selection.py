"""The ticked rows of the list, as its form posts them."""

from __future__ import annotations

from django.http import QueryDict

from saifa_crm.lib.ids import read_id


def ticked_ids(data: QueryDict) -> list[int]:
    """Ids of ticked rows: an `id` each (without JavaScript), `ids` with commas; what cannot be one is left out."""
    texts = {*data.getlist("id"), *data.get("ids", "").split(",")}
    return sorted({number for text in texts if (number := read_id(text)) is not None})
