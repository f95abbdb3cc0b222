"""A page of a search: matches are found in the narrow list entries, which say how many there are and which are best.

One statement can find, count and sort them all. Where it would sort many, the total is counted first, and the page is
met on a walk: along the index of the order, each contact's entry looked at in turn.

- Near either end of the order the walk begins there. Where the best match comes first, it goes along the latest
  contacts of one rank: the first ranks are names that begin with the query, if any do.
- In the midst of the latest contacts, matches are counted by the day, and the walk is that of the page's days.
- In the order of names the matches may all stand at the far end: a walk is tried for very many only.

A walk that turns out to be long is given up, and all are sorted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, DateTimeField, DurationField, F, QuerySet, Value
from django.db.models.expressions import CombinedExpression, RawSQL
from django.db.models.functions import Coalesce

from contacts.models import Contact, ListEntry
from contacts.search import Ranks

from . import pages
from .days import ALL, Days, count_days, count_ranked_days
from .pages import Estimate, Found, PageAsked, Place, order_sql, reverse

FEW = 40_000  # matches are sorted before it pays to count them by the day, or to try names
AHEAD = 5_000  # matches are sorted in the time that a statement of its own takes to count them
LOOKS = 3  # times as many contacts as expected are looked at before the walk is given up
TRUSTED = 1  # of the names that PostgreSQL expects to begin like that, where the first pages are all of them
UNHEARD = 0.0002  # of everyone: twice what it expects at the least, of a text that it never saw
SORTED: float = 6  # matches are sorted in the time that one contact is looked at
AGE = dt.timedelta(days=800_000)  # longer ago than any contact
BEGINNING = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
HELD = {field.name for field in ListEntry._meta.concrete_fields}


def find_matches(page: PageAsked, entries: QuerySet[ListEntry], *, columns: Sequence[Any]) -> Found:
    """A page of the contacts with these entries in the order of `columns`: two to four statements."""
    try:
        search = _Search(page, entries, columns)
        likely, everyone = pages.estimates(entries, ListEntry.objects.all())
        is_many = likely.rows > FEW
        if _is_near(page, likely, everyone) and (is_many or search.first != "sort_name"):
            return search.by_columns()
        return search.by_days() if is_many and search.first == "latest_contact_at" else search.sorted(entries)
    except EmptyResultSet:
        return Found(0, 1, [])


def find_best_matches(
    page: PageAsked, entries: QuerySet[ListEntry], *, ranks: Ranks, columns: Sequence[Any], listed: QuerySet[ListEntry]
) -> Found:
    """The best match first, those of one rank in the order of `columns`, which is the latest contact.

    `listed`: the entries of all other filters, without the search.
    """
    try:
        matches = listed.filter(ranks.anywhere_of_all | ranks.sounding)  # the entries, and not for estimates
        search = _Ranked(page, matches, columns, ranks, listed)
        of_ranks = [listed.filter(ranks.begins), listed.filter(ranks.sounding or ranks.early)]
        likely, everyone, begins, told = pages.estimates(entries, ListEntry.objects.all(), *of_ranks)
        worst = told.rows if ranks.sounding else likely.rows - told.rows
        last = page.number * page.size
        is_begun = last <= begins.rows * TRUSTED and begins.rows > everyone.rows * UNHEARD
        is_ended = worst > AHEAD and likely.rows - last <= worst / 2
        if _is_near(page, likely, everyone) and (is_begun or is_ended):
            return search.by_rank()
        return search.by_days() if likely.rows > FEW else search.sorted(matches)
    except EmptyResultSet:
        return Found(0, 1, [])


def _is_near(page: PageAsked, likely: Estimate, everyone: Estimate) -> bool:
    """Whether a walk from an end of the order is likely to meet the page sooner than all are sorted."""
    last = page.number * page.size
    rows = min(last, max(likely.rows - last, 0) + page.size)
    return rows * everyone.rows / max(likely.rows, 1) * SORTED + AHEAD <= likely.rows


def count_entries(entries: QuerySet[ListEntry]) -> int:
    """The exact total without a page."""
    try:
        return entries.count()
    except EmptyResultSet:
        return 0


class _Search:
    """Matches in the order of columns."""

    def __init__(self, page: PageAsked, entries: QuerySet[ListEntry], columns: Sequence[Any]) -> None:
        self.page, self.entries, self.columns = page, entries, columns
        self.first: str = columns[0].expression.name
        self.order = list(map(_of_entry, columns))
        self.everybody = 0

    def sorted(self, matches: QuerySet[ListEntry]) -> Found:
        if self.first == "sort_name":
            return self.page.sort_names(matches)
        return self.page.sort(matches, order=self.order)

    def by_columns(self) -> Found:
        total = self._counted()["total"]
        place = self.page.place(total)
        return self._found(place, total, self._looked_up(self.entries, place, total))

    def by_days(self) -> Found:
        """Where the page lies is known to the day from counting; only the entries of its days are looked at."""
        days = self._days()
        self.everybody = days.everybody
        place, rows = self.page.place(days.total), None
        start = days.total - place.stop if place.backwards else place.start
        stop = start + place.stop - place.start
        if stretch := days.stretch(start, stop):
            inner = Place.of(place.number, start - stretch.before, stop - stretch.before, stretch.held)
            matches, contacts = self._of_rank(stretch.rank), stretch.contacts
            rows = self._looked_up(matches, inner, stretch.ranked, contacts=contacts, instead=days.total)
        return self._found(place, days.total, rows)

    def _days(self) -> Days:
        return count_days(self.entries, latest_first=self.columns[0].descending)

    def _of_rank(self, rank: int) -> QuerySet[ListEntry]:
        return self.entries

    def _counted(self, **more: Count) -> dict[str, int]:
        counts: dict[str, int] = self.entries.aggregate(total=Count("pk"), everybody=ALL, **more)
        self.everybody = counts["everybody"]
        return counts

    def _found(
        self, place: Place, total: int, rows: list[Contact] | None, among: QuerySet[ListEntry] | None = None
    ) -> Found:
        """The page, sorted where it was not met on the way; `among` those that come first, or all."""
        if rows is None:
            rows = self.sorted(self.entries if among is None else among).rows
        return Found(total, place.number, rows, self.everybody)

    def _looked_up(
        self,
        matches: QuerySet[Any],
        place: Place,
        among: int,
        *,
        contacts: QuerySet[Contact] | None = None,
        instead: int = 0,
    ) -> list[Contact] | None:
        """The place's rows `among` so many matches, if they are met soon on the way along the columns' index.

        `contacts`: those that the way leads along, or all; `instead`: how many would be sorted, where not the same.
        """
        expected = place.stop * self.everybody // max(among, 1)
        if expected * SORTED > max(instead or among, pages.FEW):
            return None
        looks = LOOKS * expected + among // 20 + 200
        columns: Sequence[Any] = reverse(self.columns) if place.backwards else self.columns
        names: list[str] = [term.expression.name for term in columns]
        way = Contact.objects.all() if contacts is None else contacts
        walk, walk_params = way.order_by(*columns).values(*names)[:looks].query.sql_with_params()
        entry = matches.order_by().filter(pk=RawSQL("walk.id", ())).values("pk")[:1]
        look, look_params = entry.query.sql_with_params()
        order = ", ".join(order_sql(f"walk.{name}", term) for name, term in zip(names, columns, strict=True))
        ids = RawSQL(  # noqa: S611 only SQL of Django's own making is put together
            f"SELECT walk.id FROM ({walk}) walk CROSS JOIN LATERAL ({look}) entry"  # noqa: S608
            f" ORDER BY {order} LIMIT %s OFFSET %s",
            (*walk_params, *look_params, place.stop - place.start, place.start),
        )
        rows = list(self.page.shown.filter(pk__in=ids).order_by(*self.columns))
        return rows if len(rows) == place.stop - place.start else None


class _Ranked(_Search):
    """Matches in the order of their ranks."""

    def __init__(
        self,
        page: PageAsked,
        entries: QuerySet[ListEntry],
        columns: Sequence[Any],
        ranks: Ranks,
        listed: QuerySet[ListEntry],
    ) -> None:
        super().__init__(page, entries, columns)
        self.ranks, self.listed = ranks, listed
        self.order = [_best(ranks).desc(), F("pk").desc()]

    def by_rank(self) -> Found:
        """The whole name and its beginning are cheap to tell, and counted with the total; so is the last rank's end."""
        ranks = self.ranks
        begun = Count("pk", filter=ranks.begins)
        counts = self._counted(whole=Count("pk", filter=ranks.begins & ranks.whole), begins=begun)
        total, whole, begins = counts["total"], counts["whole"], counts["begins"]
        place = self.page.place(total)
        among, rows = self.entries, None
        if place.backwards:
            rows = self._looked_up(self._of_rank(ranks.worst), place, total)
        elif place.stop <= begins:
            among = self.entries.filter(ranks.begins)
            if place.start >= whole:
                inner = Place(place.number, place.start - whole, place.stop - whole, False)
                rows = self._looked_up(among.exclude(ranks.whole), inner, begins - whole)
            elif place.stop <= whole:
                rows = self._looked_up(among.filter(ranks.whole), place, whole)
        return self._found(place, total, rows, among)

    def _days(self) -> Days:
        return count_ranked_days(self.listed, self.ranks)

    def _of_rank(self, rank: int) -> QuerySet[ListEntry]:
        return self.entries.annotate(rank=self.ranks.rank).filter(rank=rank)


def _best(ranks: Ranks) -> CombinedExpression:
    """Rank and latest contact as one moment, the later the better: a third of the work of sorting by both."""
    latest = Coalesce("latest_contact_at", Value(BEGINNING))
    younger = ranks.case(lambda rank: Value((ranks.worst - rank) * AGE), DurationField())
    return CombinedExpression(latest, "+", younger, output_field=DateTimeField())


def _of_entry(term: Any) -> Any:
    """The same term from an entry: what it does not hold is the contact's."""
    name: str = term.expression.name
    copy = term.copy()
    copy.set_source_expressions([F("pk" if name == "id" else name if name in HELD else f"contact__{name}")])
    return copy
