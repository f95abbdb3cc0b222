"""A page of a search: matches are found in the narrow list entries, which say how many there are and which are best.

*Few*, and a page in the midst of many, are found, counted and sorted by one statement. Else the total of *many* is
counted, and the page is looked for where it is likely to be near: along the index of the order (of one rank: along the
latest contacts; the first ranks are names that begin with the query, if any do), and each contact's entry looked at in
turn. That is given up where all matches would be sorted sooner: names that match can all stand at the far end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, DateTimeField, DurationField, F, QuerySet, Value
from django.db.models.expressions import CombinedExpression, RawSQL
from django.db.models.functions import Coalesce

from contacts.models import EVERYBODY, Contact, ListEntry
from contacts.search import Ranks

from . import pages
from .pages import Found, PageAsked, Place, order_sql, reverse

FEW = 8  # entries are as quick to find and sort as one contact (times pages.FEW)
LOOKS = 3  # times as many contacts as expected are looked at before the walk is given up
TRUSTED = 1  # of the names that PostgreSQL expects to begin like that, where the first pages are all of them
SORTED: float = 6  # matches are sorted in the time that one contact is looked at
ALL = EVERYBODY.copy()
ALL.contains_aggregate = True  # one number for all rows, so that it is asked beside a count
# Hours are added without a calendar; so many are longer ago than any contact.
AGE = RawSQL("interval '20000000 hours'", (), output_field=DurationField())
BEGINNING = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
HELD = {field.name for field in ListEntry._meta.concrete_fields}


def find_matches(
    page: PageAsked, entries: QuerySet[ListEntry], *, ranks: Ranks | None, columns: Sequence[Any]
) -> Found:
    """A page of the contacts with these entries: two to four statements.

    `ranks` where the best match comes first; `columns` is the order,
    or the order within a rank.
    """
    try:
        search = _Search(page, entries, columns, ranks)
        likely, *beginning = pages.estimates(entries, *([] if ranks is None else [entries.filter(ranks.begins)]))
        last = page.number * page.size
        is_front, is_end = last <= likely.rows / SORTED, last >= likely.rows * (1 - 1 / SORTED)
        if ranks is not None:
            is_front = is_front and last <= beginning[0].rows * TRUSTED
        if likely.rows <= FEW * pages.FEW or not (is_front or is_end):
            return search.sorted(entries)
        return search.by_columns() if ranks is None else search.by_rank(ranks)
    except EmptyResultSet:
        return Found(0, 1, [])


def count_entries(entries: QuerySet[ListEntry]) -> int:
    """The exact total without a page."""
    try:
        return entries.count()
    except EmptyResultSet:
        return 0


class _Search:
    def __init__(
        self, page: PageAsked, entries: QuerySet[ListEntry], columns: Sequence[Any], ranks: Ranks | None
    ) -> None:
        self.page, self.entries, self.columns = page, entries, columns
        self.order = list(map(_of_entry, columns)) if ranks is None else [_best(ranks).desc(), F("pk").desc()]
        self.everybody = 0

    def sorted(self, matches: QuerySet[ListEntry]) -> Found:
        if self.columns[0].expression.name == "sort_name":
            return self.page.sort_names(matches)
        return self.page.sort(matches, order=self.order)

    def by_columns(self) -> Found:
        total = self._counted()["total"]
        place = self.page.place(total)
        return self._found(place, total, self._looked_up(self.entries, place, total))

    def by_rank(self, ranks: Ranks) -> Found:
        """The whole name and its beginning are cheap to tell, and counted with the total; so is the last rank's end."""
        counts = self._counted(whole=Count("pk", filter=ranks.whole), begins=Count("pk", filter=ranks.begins))
        total, whole, begins = counts["total"], counts["whole"], counts["begins"]
        place = self.page.place(total)
        among, rows = self.entries, None
        if place.backwards:
            last = self.entries.annotate(rank=ranks.rank).filter(rank=ranks.worst)
            rows = self._looked_up(last, place, total)
        elif place.stop <= begins:
            among = self.entries.filter(ranks.begins)
            if place.start >= whole:
                inner = Place(place.number, place.start - whole, place.stop - whole, False)
                rows = self._looked_up(among.exclude(ranks.whole), inner, begins - whole)
            elif place.stop <= whole:
                rows = self._looked_up(self.entries.filter(ranks.whole), place, whole)
        return self._found(place, total, rows, among)

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

    def _looked_up(self, matches: QuerySet[Any], place: Place, total: int) -> list[Contact] | None:
        """The place's rows among about `total` matches, if they are met soon on the way along the columns' index."""
        expected = place.stop * self.everybody // max(total, 1)
        if expected * SORTED > max(total, pages.FEW):
            return None
        looks = LOOKS * expected + total // 20 + 200
        columns: Sequence[Any] = reverse(self.columns) if place.backwards else self.columns
        names: list[str] = [term.expression.name for term in columns]
        walk, walk_params = Contact.objects.order_by(*columns).values(*names)[:looks].query.sql_with_params()
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


def _best(ranks: Ranks) -> CombinedExpression:
    """Rank and latest contact as one moment, the later the better: a third of the work of sorting by both."""
    latest = Coalesce("latest_contact_at", Value(BEGINNING))
    younger = CombinedExpression(Value(ranks.worst) - ranks.rank, "*", AGE, output_field=DurationField())
    return CombinedExpression(latest, "+", younger, output_field=DateTimeField())


def _of_entry(term: Any) -> Any:
    """The same term from an entry: what it does not hold is the contact's."""
    name: str = term.expression.name
    copy = term.copy()
    copy.set_source_expressions([F("pk" if name == "id" else name if name in HELD else f"contact__{name}")])
    return copy
