"""What the list page shows: rows with their names, totals in words, links to sort and turn pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext

from labels.models import Label

from .columns import ListColumn, columns_shown
from .list_bar import FilterBar
from .list_urls import ListUrl
from .models import Contact, ListPreference, UserType
from .registry import searches_elsewhere
from .selectors.listing import PAGE_SIZES, Listing
from .tables import ContactTable

REGION = "contact-list"  # id of the element that htmx swaps


class ShownChannel(NamedTuple):
    """A channel as rows name it."""

    platform: str
    name: str


class Row(NamedTuple):
    """A contact with the channels and labels that its ids name."""

    contact: Contact
    channels: list[ShownChannel]
    labels: list[Label]


@dataclass
class ListPage:
    """Context of templates/contacts/list.html; however many rows, the same number of queries."""

    listing: Listing
    preference: ListPreference

    @cached_property
    def url(self) -> ListUrl:
        return ListUrl.of(self.listing.params)

    @cached_property
    def bar(self) -> FilterBar:
        return FilterBar(self.listing, self.url)

    @cached_property
    def shown(self) -> list[ListColumn]:
        return columns_shown(self.preference.columns)

    @cached_property
    def rows(self) -> list[Row]:
        channels = {pk: ShownChannel(one.platform, str(one)) for pk, one in self.listing.channels.items()}
        labels = self.listing.labels
        return [
            Row(
                contact,
                [channels[pk] for pk in contact.channel_ids if pk in channels],
                [labels[pk] for pk in contact.label_ids if pk in labels],
            )
            for contact in self.listing.page.object_list
        ]

    @property
    def rows_written(self) -> str:
        """The rows as HTML."""
        ids = [contact.pk for contact in self.listing.page.object_list]
        shown = {
            "rows": self.rows,
            "columns": self.shown,
            "loaded": {column.key: column.load(ids) for column in self.shown if column.load},
            "here": reverse("contacts:list"),
            "user_types": {user_type.value: user_type.label for user_type in UserType},
        }
        written = render_to_string("contacts/rows.html", shown, using="compiled")
        return mark_safe(written)  # noqa: S308 escaped by the template

    @cached_property
    def table(self) -> ContactTable:
        return ContactTable(self.rows, shown=self.shown, sort=self.listing.sort, url=self.url)

    # Totals

    @cached_property
    def total(self) -> int:
        return self.listing.page.paginator.count

    @cached_property
    def total_all(self) -> int:
        """Contacts without any filter; another query only where there is one."""
        return self.listing.everybody

    @cached_property
    def is_filtered(self) -> bool:
        return bool(self.url.filters) or not self.listing.is_valid

    @property
    def is_first_run(self) -> bool:
        return not self.total and self.total_all == 0

    @property
    def errors(self) -> list[str]:
        return self.listing.errors

    @cached_property
    def elsewhere(self) -> list[tuple[str, str]]:
        """(words, URL) of the same search among other things than contacts."""
        query = self.listing.q
        return [(search.words(query), search.url(query)) for search in searches_elsewhere()] if query else []

    # Words

    @property
    def words(self) -> str:
        """ "363 contacts across 19 pages"."""
        pages = self.pages_total
        return gettext("%(contacts)s across %(pages)s") % {
            "contacts": self.total_in_words,
            "pages": ngettext("%(count)s page", "%(count)s pages", pages) % {"count": intcomma(pages)},
        }

    @property
    def total_in_words(self) -> str:
        return ngettext("%(count)s contact", "%(count)s contacts", self.total) % {"count": intcomma(self.total)}

    @property
    def hidden_in_words(self) -> str:
        """What a page without a match says of the contacts it hides."""
        return ngettext(
            "%(count)s contact is hidden by these filters. Remove one above, or start over.",
            "%(count)s contacts are hidden by these filters. Remove one above, or start over.",
            self.total_all,
        ) % {"count": intcomma(self.total_all)}

    # Pages

    @property
    def pages_total(self) -> int:
        return self.listing.page.paginator.num_pages

    @cached_property
    def page_links(self) -> dict[str, ListUrl | None]:
        """First, previous, next and last page; None where that is this page."""
        page = self.listing.page
        return {
            "first": self._at(1) if page.has_previous() else None,
            "previous": self._at(page.previous_page_number()) if page.has_previous() else None,
            "next": self._at(page.next_page_number()) if page.has_next() else None,
            "last": self._at(self.pages_total) if page.has_next() else None,
        }

    @property
    def page_numbers(self) -> Iterator[tuple[str, ListUrl | None, bool]]:
        """(text, link, is current) of numbered links; a gap is "…" without a link."""
        page = self.listing.page
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
            link = self._at(number) if isinstance(number, int) else None
            yield str(number), link, number == page.number

    @cached_property
    def page_sizes(self) -> list[tuple[int, ListUrl, bool]]:
        """(rows a page, link, is current)."""
        return [(size, self.url.with_values(per_page=str(size)), size == self.listing.per_page) for size in PAGE_SIZES]

    @cached_property
    def jump_fields(self) -> list[tuple[str, str]]:
        return self.url.pairs_without(("page",))

    @cached_property
    def bar_fields(self) -> list[tuple[str, str]]:
        """What the filter form carries along without showing it."""
        return [pair for pair in self.url.pairs if pair[0] in ("segment", "sort", "per_page")]

    @cached_property
    def report_url(self) -> ListUrl:
        return self.url.without("page", "per_page", "segment")

    @cached_property
    def bulk_query(self) -> str:
        """The filters alone: what "select all" means, in whatever order and on whatever page."""
        return self.url.without("sort", "per_page").query

    def _at(self, page: int) -> ListUrl:
        return self.url.with_values(page=str(page))
