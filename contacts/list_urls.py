"""URLs of the list with one thing changed: every filter, order and page is a plain link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

REPEATED = ("platform", "channel", "label")
FILTERS = (
    "q", "platform", "channel", "label", "label_match", "user_type", "value_min", "value_max", "bought", "has_phone",
    "has_email", "follow", "first_from", "first_to", "new_days", "active_from", "active_to", "silent_days",
)  # fmt: skip
# `segment` only names the view: its filters stand beside it.
PARAMETERS = (*FILTERS, "sort", "per_page", "segment", "page")
LONGEST_VALUE = 1000  # a longer one is a bad filter; repeated in every link it would make a page of megabytes


@dataclass(frozen=True)
class ListUrl:
    """The list's parameters as (name, value) pairs: known names, no empty values, in the contract's order."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, params: QueryDict) -> Self:
        pairs = []
        for name in PARAMETERS:
            values = params.getlist(name)
            for value in dict.fromkeys(values if name in REPEATED else values[-1:]):
                if value.strip() and len(value) <= LONGEST_VALUE:
                    pairs.append((name, value.strip()))
        return cls(tuple(pairs))

    def __str__(self) -> str:
        return f"?{self.query}"

    @property
    def query(self) -> str:
        """The query string, percent-encoded."""
        return urlencode(self.pairs)

    def without(self, *names: str) -> Self:
        """The same list, first page, without these parameters."""
        return type(self)(tuple(pair for pair in self.pairs if pair[0] not in {*names, "page"}))

    def without_value(self, name: str, value: str) -> Self:
        """The same list, first page, without one value of a repeated parameter."""
        return type(self)(tuple(pair for pair in self.pairs if pair != (name, value) and pair[0] != "page"))

    def with_values(self, **values: str) -> Self:
        """The same list with these parameters set; a new order, size or filter starts at the first page."""
        kept = self.without(*values).pairs
        return type(self)((*kept, *((name, value) for name, value in values.items() if value)))

    def pairs_without(self, names: Iterable[str]) -> list[tuple[str, str]]:
        """Pairs for hidden inputs of a form that sets `names` itself."""
        left_out = set(names)
        return [pair for pair in self.pairs if pair[0] not in left_out]

    @property
    def filters(self) -> list[tuple[str, str]]:
        """The pairs that hold back contacts."""
        return [pair for pair in self.pairs if pair[0] in FILTERS and pair[0] != "label_match"]
