"""From the URL's parameters to ordered contacts: the one path that the list and the report share (rule 8)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page
from django.db import connection
from django.db.models import F, QuerySet
from django.http import QueryDict

from contacts.filters import ContactFilter
from contacts.models import EVERYBODY, Channel, Contact
from contacts.outside import outside
from contacts.search import search_rank, search_ranks
from labels.models import Label

from .matches import count_entries, find_best_matches, find_matches
from .pages import CountedPaginator, Found, PageAsked, count_matches, find_page

PAGE_SIZES = (20, 50, 100)
LATEST_FIRST = (F("latest_contact_at").desc(nulls_last=True), F("id").desc())
OLDEST_FIRST = (F("latest_contact_at").asc(nulls_last=True), F("id").asc())
# Every order ends in the primary key: pages neither repeat nor lose a row.
ORDERS: dict[str, tuple[Any, ...]] = {
    "-latest_contact": LATEST_FIRST,
    "latest_contact": OLDEST_FIRST,
    "-value": (F("value").desc(), F("id").desc()),
    "value": (F("value").asc(), F("id").asc()),
    "-name": (F("sort_name").desc(), F("id").desc()),
    "name": (F("sort_name").asc(), F("id").asc()),
}
BEST_MATCH = ""
DEFAULT_SORT = "-latest_contact"
# What a row shows; the long address and the search key stay in the database.
ROW_FIELDS = (
    "id", "name", "picture_url", "user_type", "phone", "phone_display", "latest_contact_at", "value", "order_count",
    "channel_ids", "label_ids", "email", "first_contact_at",
)  # fmt: skip


@dataclass
class Listing:
    """A URL understood: `queryset` is ordered, and empty where a filter was bad (`is_valid` false)."""

    params: QueryDict
    filter: ContactFilter
    channels: dict[int, Channel]
    labels: dict[int, Label]

    @cached_property
    def is_valid(self) -> bool:
        return bool(self.filter.is_valid())

    @cached_property
    def errors(self) -> list[str]:
        """What is wrong with the filters, a sentence each."""
        fields, errors = self.filter.form.fields, self.filter.form.errors
        return [f"{fields[name].label}: {message}" for name, messages in errors.items() for message in messages]

    @cached_property
    def everybody(self) -> int:
        """All contacts of the shop, whatever the filters."""
        return contact_total()

    @cached_property
    def q(self) -> str:
        return self.filter.form.cleaned_data.get("q", "") if self.is_valid else ""

    @cached_property
    def sort(self) -> str:
        """A key of ORDERS, or BEST_MATCH where there is a search and no (known) sort."""
        sort = self.params.get("sort", "")
        if sort in ORDERS:
            return sort
        return BEST_MATCH if self.q else DEFAULT_SORT

    @cached_property
    def per_page(self) -> int:
        return _number(self.params.get("per_page"), among=PAGE_SIZES)

    @cached_property
    def order(self) -> tuple[Any, ...]:
        return (
            (search_rank(self.q, of="entry__").asc(), *LATEST_FIRST) if self.sort == BEST_MATCH else ORDERS[self.sort]
        )

    @cached_property
    def queryset(self) -> QuerySet[Contact]:
        """All rows, in order."""
        if not self.is_valid:
            return Contact.objects.none()
        matches: QuerySet[Contact] = self.filter.qs
        return matches.order_by(*self.order)

    @cached_property
    def page(self) -> Page[Contact]:
        """The page asked for: a number that is none gives the first, one past the end the last."""
        text = self.params.get("page", "")
        digits = text.lstrip("0") if text.isascii() and text.isdigit() else ""
        number = int(digits or 1) if len(digits) <= 9 else 10**9
        found = self._found(number) if self.is_valid else Found(0, 1, [])
        if found.everybody is not None:
            self.everybody = found.everybody
        return Page(found.rows, found.number, CountedPaginator(found.rows, self.per_page, total=found.total))

    @cached_property
    def count(self) -> int:
        """The exact total for those who do not need the page."""
        if not self.is_valid or not self.filter.is_active:
            return self.everybody if self.is_valid else 0
        entries = self.filter.entries_qs
        if entries is not None:
            return count_entries(entries)
        return count_matches(
            self.filter.qs,
            covered=self.filter.covered_qs,
            tally=self.filter.tally_qs,
            range_outside=outside(self.filter),
        )

    def _found(self, number: int) -> Found:
        page = PageAsked(Contact.objects.only(*ROW_FIELDS), self.order, number, self.per_page)
        entries = self.filter.entries_qs
        if entries is not None:
            if self.sort != BEST_MATCH:
                return find_matches(page, entries, columns=self.order)
            ranks = search_ranks(self.q)
            return find_best_matches(page, entries, ranks=ranks, columns=LATEST_FIRST, listed=self.filter.listed_qs)
        if not self.filter.is_active:
            return page.walk(Contact.objects.all(), self.everybody)
        return find_page(
            page,
            self.filter.qs,
            covered=self.filter.covered_qs,
            tally=self.filter.tally_qs,
            range_outside=outside(self.filter),
        )


def contact_listing(params: QueryDict) -> Listing:
    """Understand a URL; two queries (channels, labels), the contacts themselves are read when used."""
    channels = {channel.pk: channel for channel in Channel.objects.all()}
    labels = {label.pk: label for label in Label.objects.all()}
    contact_filter = ContactFilter(
        params, Contact.objects.all(), channels=list(channels.values()), labels=list(labels.values())
    )
    return Listing(params, contact_filter, channels, labels)


def contact_total() -> int:
    """All contacts of the shop, whatever the filters; exact, and as quick in a shop of a million."""
    with connection.cursor() as cursor:
        cursor.execute(EVERYBODY.sql)
        return int(cursor.fetchone()[0])


def _number(text: str | None, *, among: tuple[int, ...]) -> int:
    return next((number for number in among if text == str(number)), among[0])
