"""The row of views above the list: built-in ones, then segments; which one is open, and whether it was changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import User
from django.contrib.humanize.templatetags.humanize import intcomma

from saifa_crm.lib.ids import read_id

from .list_urls import ListUrl
from .models import Segment
from .segments import BUILT_INS, BY_FILTERS, Text, canonical, filters_of, url_of
from .selectors.listing import Listing
from .selectors.segments import Counter, SegmentsOf, remembered

MOST_TABS = 7  # segments beside the built-in views, and the one that is open; the page of all views has the rest
COUNT_AGE = 15  # seconds a count may be old; after a change that the person made, only a costly one is


@dataclass(frozen=True)
class Tab:
    """A view in the row; `query` is what it counts, `digits` the room that its count needs."""

    key: str
    name: Text
    hint: Text
    url: ListUrl
    query: str
    count: str = ""
    digits: int = 1
    current: bool = False
    edited: bool = False


@dataclass
class ViewTabs:
    """Context of templates/contacts/_views.html; one query (the segments)."""

    user: User
    listing: Listing

    @cached_property
    def segments(self) -> SegmentsOf:
        return SegmentsOf(self.user)

    @cached_property
    def query(self) -> str:
        """What saving the list would keep."""
        return canonical(ListUrl.of(self.listing.params))

    @cached_property
    def segment(self) -> Segment | None:
        """The one that the address names, where the person may see it."""
        return self.segments.seen(read_id(self.listing.params.get("segment", "")) or 0)

    @cached_property
    def edited(self) -> bool:
        """Whether filters or order are no longer those of the open segment."""
        return self.segment is not None and self.segment.query != self.query

    @property
    def can_save(self) -> bool:
        """There is something that no view holds yet, and a person who may keep it."""
        if not (self.segments.may_create and self.query and self.listing.is_valid):
            return False
        return self.edited if self.segment else self.query not in BY_FILTERS

    @property
    def can_save_changes(self) -> bool:
        return bool(self.can_save and self.edited and self.segment and self.segments.may_change(self.segment))

    @cached_property
    def tabs(self) -> list[Tab]:
        plain = plain_tabs(self.segments, self.segment)
        open_key = self._open_key
        counts = {query: count.number for query, count in remembered([tab.query for tab in plain]).items()}
        counts[""] = self.listing.everybody
        return [self._shown(tab, tab.key == open_key, counts) for tab in plain]

    @property
    def _open_key(self) -> str:
        if self.segment:
            return str(self.segment.pk)
        view = BY_FILTERS.get(filters_of(self.query), BUILT_INS[0])
        return view.key

    @cached_property
    def exact_key(self) -> str:
        """The open view, where it shows the list's own total; a count kept from before must not take its place."""
        shown = (self.query, filters_of(self.query))
        exact = (tab.key for tab in self.tabs if tab.current and not tab.edited and tab.query in shown)
        return next(exact, "")

    def _shown(self, tab: Tab, is_open: bool, counts: dict[str, int]) -> Tab:
        exact = is_open and not self.edited and tab.query in (self.query, filters_of(self.query))
        count = self.listing.page.paginator.count if exact else counts.get(tab.query)
        text = "" if count is None else intcomma(count)
        room = len(text) if text else len(intcomma(self.listing.everybody))
        edited = is_open and self.edited
        return Tab(tab.key, tab.name, tab.hint, tab.url, tab.query, text, min(room, 12), is_open, edited)


def plain_tabs(segments: SegmentsOf, current: Segment | None) -> list[Tab]:
    """The views of a person's row, without counts."""
    shown = segments.all[:MOST_TABS]
    if current and current not in shown:
        shown.append(current)
    built_in = [Tab(view.key, view.name, view.hint, url_of(view.query), view.query) for view in BUILT_INS]
    return built_in + [
        Tab(str(s.pk), s.name, s.name, url_of(s.query, segment=str(s.pk)), s.query) for s in shown
    ]  # fmt: skip


def tab_counts(user: User, *, open_segment: str, exact_key: str, changed: bool) -> list[tuple[Tab, str]]:
    """The views of a person's row with their counts as they are now, but for the one that shows the list's total."""
    segments = SegmentsOf(user)
    tabs = plain_tabs(segments, segments.seen(read_id(open_segment) or 0))
    tabs = [tab for tab in tabs if tab.key != exact_key]
    counts = Counter(max_age=0 if changed else COUNT_AGE).count({tab.query for tab in tabs})
    return [(tab, intcomma(counts[tab.query])) for tab in tabs]
