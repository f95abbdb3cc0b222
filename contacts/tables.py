"""The seven columns of the list, declared once: order, headings, classes, what sorts them."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from .list_urls import ListUrl


class ListColumn(tables.Column):
    """A heading and its class; `sort` is the URL's word where the column can be sorted, `first` its first direction."""

    def __init__(self, css: str, *, sort: str = "", first: str = "-", **kwargs: Any) -> None:
        super().__init__(orderable=False, empty_values=(), attrs={"th": {"class": css}}, **kwargs)
        self.css, self.sort, self.first = css, sort, first


class ContactTable(tables.Table):
    """Rows are list_page.Row; templates/contacts/_row.html writes the cells."""

    name = ListColumn("c-name", sort="name", first="", verbose_name=_("Customer Name"))
    channel = ListColumn("c-chan", verbose_name=_("Channel"))
    user_type = ListColumn("c-type", verbose_name=_("User Type"))
    label = ListColumn("c-label", verbose_name=_("Label"))
    phone = ListColumn("c-phone", verbose_name=_("Phone Number"))
    latest_contact = ListColumn("c-latest", sort="latest_contact", verbose_name=_("Latest Contact"))
    value = ListColumn("c-value r", sort="value", verbose_name=_("Value"))

    def __init__(self, rows: Any, *, sort: str, url: ListUrl) -> None:
        super().__init__(rows)
        self.sort, self.url = sort, url

    @property
    def headings(self) -> list[dict[str, Any]]:
        """What the head row shows: text, class, `aria-sort`, and the link that sorts or turns the order round."""
        return [self._heading(bound.name, bound.header, bound.column) for bound in self.columns]

    def _heading(self, name: str, text: str, column: ListColumn) -> dict[str, Any]:
        heading: dict[str, Any] = {"name": name, "text": text, "css": column.css, "url": None, "aria": ""}
        if column.sort:
            up, down = column.sort, f"-{column.sort}"
            heading["aria"] = {up: "ascending", down: "descending"}.get(self.sort, "")
            other = {up: down, down: up}.get(self.sort, f"{column.first}{column.sort}")
            heading["url"] = self.url.with_values(sort=other)
        return heading
