"""The table of the list: the columns a person has chosen, with headings and what sorts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables

from .columns import ListColumn
from .list_urls import ListUrl


class ShownColumn(tables.Column):
    """A chosen column; django-tables2 keeps the order, contacts.columns says the rest."""

    def __init__(self, column: ListColumn) -> None:
        super().__init__(
            orderable=False, empty_values=(), attrs={"th": {"class": column.css}}, verbose_name=column.title
        )
        self.about = column


class ContactTable(tables.Table):
    """Rows are list_page.Row; templates/compiled/contacts/rows.html writes them."""

    def __init__(self, rows: Any, *, shown: Sequence[ListColumn], sort: str, url: ListUrl) -> None:
        super().__init__(rows, extra_columns=[(column.key, ShownColumn(column)) for column in shown])
        self.sort, self.url = sort, url

    @property
    def headings(self) -> list[dict[str, Any]]:
        """What the head row shows: text, class, `aria-sort`, and the link that sorts or turns the order round."""
        return [self._heading(bound.header, bound.column.about) for bound in self.columns]

    def _heading(self, text: str, column: ListColumn) -> dict[str, Any]:
        heading: dict[str, Any] = {"name": column.key, "text": text, "css": column.css, "url": None, "aria": ""}
        if column.sort:
            up, down = column.sort, f"-{column.sort}"
            heading["aria"] = {up: "ascending", down: "descending"}.get(self.sort, "")
            other = {up: down, down: up}.get(self.sort, f"{column.first}{column.sort}")
            heading["url"] = self.url.with_values(sort=other)
        return heading
