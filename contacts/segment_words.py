"""Filters and order of a view in words, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from .list_bar import FilterBar
from .order_words import ORDER_WORDS
from .segments import Text, url_of
from .selectors.listing import ORDERS, Listing


@dataclass
class SegmentWords:
    """What a kept query holds back, as title and value pairs; issues no query of its own."""

    listing: Listing
    query: str

    @cached_property
    def parts(self) -> list[tuple[Text, Text]]:
        bar = FilterBar(self.listing, url_of(self.query))
        parts: list[tuple[Text, Text]] = [(chip.title, chip.value) for chip in bar.chips]
        if bar.match_all and len(bar.chosen("label")) > 1:
            parts.append((_("Labels"), _("All of these")))
        sort = bar.value("sort")
        return [*parts, (_("Order"), ORDER_WORDS[sort])] if sort in ORDERS else parts

    @property
    def errors(self) -> list[str]:
        return self.listing.errors
