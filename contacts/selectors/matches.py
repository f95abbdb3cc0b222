"""A page of a search: matches are found in the narrow list entries, which say how many there are and which are best.

*Few* are found, counted and sorted by one statement. Else the total of *many* is counted, and the page is looked for
where it is likely to be near: along the index of the order, and each contact's entry looked at in turn.

- Near either end of the order the walk begins there. Where the best match comes first, it goes along the latest
  contacts of one rank: the first ranks are names that begin with the query, if any do.
- In the midst of the latest contacts, matches are counted by the day, and the walk is that of the page's days.
- In the midst of another order all are sorted; so they are where a walk would take longer: names that match can all
  stand at the far end.
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

FEW = 8  # entries are as quick to find and sort as one contact (times pages.FEW)
NEAR = 1 / 6  # of all matches: a page as near to an end of the order is sooner met on a walk from there
LOOKS = 3  # times as many contacts as expected are looked at before the walk is given up
TRUSTED = 1  # of the names that PostgreSQL expects to begin like that, where the first pages are all of them
SORTED: float = 6  # matches are sorted in the time that one contact is looked at
AGE = dt.timedelta(days=800_000)  # longer ago than any contact
BEGINNING = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
HELD = {field.name for field in ListEntry._meta.concrete_fields}


def find_matches(page: PageAsked, entries: QuerySet[ListEntry], *, columns: Sequence[Any]) -> Found:
    """A page of the contacts with these entries in the order of `columns`: two to four statements."""
    try:
        search = _Search(page, entries, columns)
        [likely] = pages.estimates(entries)
        if likely.rows <= FEW * pages.FEW:
            return search.sorted(entries)
        if _is_front(page, likely) or _is_end(page, likely):
            return search.by_columns()
        return search.by_days() if search.is_by_time else search.sorted(entries)
    except EmptyResultSet:
        return Found(0, 1, [])


def find_best_matches(
    page: PageAsked, entries: QuerySet[ListEntry], *, ranks: Ranks, columns: Sequence[Any], listed: QuerySet[ListEntry]
) -> Found:
    """The best match first, those of one rank in the order of `columns`, which is the latest contact.

    `listed`: the entries of all other filters, without the search.
    """
    try:
        search = _Ranked(page, entries, columns, ranks, listed)
        likely, begins = pages.estimates(entries, entries.filter(ranks.begins))
        if likely.rows <= FEW * pages.FEW:
            return search.sorted(entries)
        is_begun = page.number * page.size <= begins.rows * TRUSTED
        if (_is_front(page, likely) and is_begun) or _is_end(page, likely):
            return search.by_rank()
        return search.by_days()
    except EmptyResultSet:
        return Found(0, 1, [])


def _is_front(page: PageAsked, likely: Estimate) -> bool:
    return page.number * page.size <= likely.rows * NEAR


def _is_end(page: PageAsked, likely: Estimate) -> bool:
    return page.number * page.size >= likely.rows * (1 - NEAR)


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
        self.order = list(map(_of_entry, columns))
        self.everybody = 0

    @property
    def is_by_time(self) -> bool:
        return bool(self.columns[0].expression.name == "latest_contact_at")

    def sorted(self, matches: QuerySet[ListEntry]) -> Found:
        if self.columns[0].expression.name == "sort_name":
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
            inner = Place(place.number, start - stretch.before, stop - stretch.before, False)
            rows = self._looked_up(self._of_rank(stretch.rank), inner, stretch.ranked, stretch.contacts)
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
        self, matches: QuerySet[Any], place: Place, total: int, contacts: QuerySet[Contact] | None = None
    ) -> list[Contact] | None:
        """The place's rows among about `total` matches, if they are met soon on the way along the columns' index.

        `contacts`: those that the way leads along, or all.
        """
        expected = place.stop * self.everybody // max(total, 1)
        if expected * SORTED > max(total, pages.FEW):
            return None
        looks = LOOKS * expected + total // 20 + 200
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
