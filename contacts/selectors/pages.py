"""One page of a list and its exact total, each from the cheapest thing that knows it.

- *known* by the tally: no filter, or those that the bits of a contact answer. The page is a walk along the order's
  index that passes over what does not match, from whichever end is nearer.
- *few* (up to FEW matches by PostgreSQL's estimate): one statement finds them all, counts and sorts them.
- *many*: a count over a covering index, then the walk. It stays short because much matches.
- *searches* look through the narrow entries (`contacts.selectors.matches`).

An estimate that proves wrong costs time and never rows: the total is always counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet, Sum
from django.db.models.expressions import OrderBy, RawSQL

from contacts.models import Contact, Tally
from contacts.outside import Outside

FEW = 5_000
DEARER = 3  # a row read costs as much more beside an index entry than PostgreSQL expects, where both are in memory


@dataclass(frozen=True, slots=True)
class Found:
    """`number` is that of the page shown, from 1; `rows` are its contacts in order.

    `everybody`: how many contacts there are without any filter, where that came to light.
    """

    total: int
    number: int
    rows: list[Contact]
    everybody: int | None = None


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """Django's paginator for a total that is known already."""

    def __init__(self, rows: Sequence[Contact], per_page: int, *, total: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = total  # a cached property of the base class


@dataclass(frozen=True, slots=True)
class Estimate:
    """What PostgreSQL expects of a statement; `cost` by its own measure."""

    rows: float
    cost: float


@dataclass(frozen=True, slots=True)
class _Way:
    """The cheapest one to find all matches, how many PostgreSQL expects, and the cheapest one to count them."""

    scanned: QuerySet[Contact]
    rows: float
    count: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies, in rows from the end that is nearer."""

    number: int
    start: int
    stop: int
    backwards: bool

    @classmethod
    def of(cls, number: int, start: int, stop: int, total: int) -> Place:
        """Of rows from `start` up to `stop` among `total`."""
        if start > total - stop:
            return cls(number, total - stop, total - start, True)
        return cls(number, start, stop, False)


@dataclass(frozen=True, slots=True)
class PageAsked:
    """The page `number` (the last one where there are fewer) of `size` rows; `order` ends in the primary key."""

    shown: QuerySet[Contact]  # with the fields of a row
    order: Sequence[Any]
    number: int
    size: int

    def place(self, total: int) -> Place:
        number = _clamp(self.number, total, self.size)
        start = (number - 1) * self.size
        return Place.of(number, start, min(start + self.size, total), total)

    def rows(self, ids: Any) -> list[Contact]:
        return list(self.shown.filter(pk__in=ids).order_by(*self.order))

    def walk(self, matches: QuerySet[Contact], total: int) -> Found:
        """Along the order's index, from the end that is nearer; only the page's own rows are read."""
        place = self.place(total)
        ids = matches.order_by(*(reverse(self.order) if place.backwards else self.order)).values("pk")
        ids = ids[place.start : place.stop]
        return Found(total, place.number, list(self.shown.filter(pk__in=ids).order_by(*self.order)))

    def sort(self, matches: QuerySet[Any], *, order: Sequence[Any] | None = None, limit: int | None = None) -> Found:
        """All matches found once, with what they are ordered by alone, counted and sorted by the database.

        `order` is that of their own model, where this is not Contact; with a `limit`, only so many are found.
        """
        terms = {f"key{place}": term for place, term in enumerate(order or self.order)}
        keys = {name: term.expression for name, term in terms.items()}
        in_order = ", ".join(order_sql(f"found.{name}", term) for name, term in terms.items())
        wanted = matches.order_by().annotate(**keys).values_list("pk", *keys)
        paged = f"SELECT found.id FROM found ORDER BY {in_order} LIMIT %s OFFSET (SELECT skipped FROM counted)"  # noqa: S608
        return self._found(wanted[:limit] if limit else wanted, list(keys), paged)

    def sort_names(self, matches: QuerySet[Any]) -> Found:
        """As `sort`, by names, of which `matches` know the start: whole ones are read only of those around the page."""
        by_name, by_id = self.order
        first, before = ("max", ">") if by_name.descending else ("min", "<")
        around = f"""
            SELECT start FROM found ORDER BY {order_sql("start", by_name)}
            LIMIT %s OFFSET (SELECT skipped FROM counted)
        """  # noqa: S608 only SQL of Django's own making is put together, here and below
        paged = f"""
            SELECT near.id FROM found near JOIN contacts_contact contact ON contact.id = near.id
            WHERE near.start BETWEEN (SELECT min(start) FROM around) AND (SELECT max(start) FROM around)
            ORDER BY {order_sql("contact.sort_name", by_name)}, {order_sql("near.id", by_id)} LIMIT %s OFFSET (
                SELECT skipped - (SELECT count(*) FROM found WHERE start {before} (SELECT {first}(start) FROM around))
                FROM counted
            )
        """  # noqa: S608
        return self._found(matches.order_by().values_list("pk", "sort_start"), ["start"], paged, around=around)

    def _found(self, wanted: QuerySet[Any], keys: list[str], paged: str, *, around: str = "") -> Found:
        """The page of what is `wanted`, an id and its `keys` each; `paged` is SQL that gives its ids of all found."""
        size = self.size
        inner, inner_params = wanted.query.sql_with_params()
        ids = RawSQL(paged, (size,))  # noqa: S611 only SQL of Django's own making is put together
        total = RawSQL("SELECT total FROM counted", ())
        outer, outer_params = (
            self.shown.filter(pk__in=ids).order_by(*self.order).annotate(total=total).query.sql_with_params()
        )
        tables = {
            f"found(id, {', '.join(keys)})": (inner, inner_params),
            "counted(total, skipped)": (
                "SELECT count(*), least(%s::bigint, greatest(count(*) - 1, 0) / %s * %s) FROM found",
                ((self.number - 1) * size, size, size),
            ),
        }
        if around:
            tables["around(start)"] = (around, (size,))
        with_ = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, (sql, _params) in tables.items())
        params = [param for _sql, params in tables.values() for param in params]
        rows: list[Any] = list(Contact.objects.raw(f"WITH {with_} {outer}", [*params, *outer_params]))
        count = rows[0].total if rows else 0
        return Found(count, _clamp(self.number, count, size), rows)


def find_page(
    page: PageAsked,
    matches: QuerySet[Contact],
    *,
    covered: QuerySet[Contact] | None,
    tally: QuerySet[Tally] | None,
    range_outside: Outside | None,
) -> Found:
    """A page of filtered contacts without a search: two to four statements.

    `covered`: the same rows as `matches` by conditions that covering indexes hold, where there is such a way.
    `tally`: what adds up to their number, where it is known.
    `range_outside`: what a range leaves out of such a number.
    """
    try:
        total = None
        if tally is not None and covered is not None:
            total = sum_of(tally)
            if total > FEW or not total:
                return page.walk(covered, total) if total else Found(0, 1, [])
        way = _cheapest(matches, covered, range_outside)
        if total is not None:
            return page.sort(way.scanned)
        if way.rows <= FEW:
            found = page.sort(way.scanned, limit=FEW + 1)
            if found.total <= FEW:
                return found
        counted = way.count()
        if counted <= FEW:
            return page.sort(way.scanned)
        return page.walk(matches if covered is None else covered, counted)
    except EmptyResultSet:
        return Found(0, 1, [])


def count_matches(
    matches: QuerySet[Contact],
    *,
    covered: QuerySet[Contact] | None,
    tally: QuerySet[Tally] | None,
    range_outside: Outside | None,
) -> int:
    """The exact total without a page, by the way that `find_page` would take: one statement or two."""
    try:
        return _cheapest(matches, covered, range_outside).count() if tally is None else sum_of(tally)
    except EmptyResultSet:
        return 0


def _cheapest(matches: QuerySet[Contact], covered: QuerySet[Contact] | None, range_outside: Outside | None) -> _Way:
    left_out = range_outside.left_out if range_outside else []
    plan, *others = estimates(matches, *([] if covered is None else [covered]), *left_out)
    scanned, cost = matches, plan.cost * DEARER
    if covered is not None and others[0].cost < cost:
        scanned, cost = covered, others[0].cost
    if range_outside is not None and sum(one.cost for one in others[1:]) < cost:
        return _Way(scanned, plan.rows, range_outside.count)
    return _Way(scanned, plan.rows, scanned.count)


def sum_of(tally: QuerySet[Tally]) -> int:
    """The number of contacts that these tallies add up to."""
    total: int = tally.aggregate(total=Sum("change", default=0))["total"]
    return total


def _clamp(number: int, total: int, size: int) -> int:
    return min(number, max(-(-total // size), 1))


def estimates(*several: QuerySet[Any]) -> list[Estimate]:
    """What finding all rows of each would be, asked of PostgreSQL in one statement."""
    asked = [matches.order_by().values("pk").query.sql_with_params() for matches in several]
    arrays = ", ".join(f"ARRAY({sql})" for sql, _params in asked)
    with connections[several[0].db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT {arrays}", [one for _sql, params in asked for one in params])
        answer = cursor.fetchone()[0]
    plans = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]["Plans"]
    return [Estimate(plan["Plan Rows"], plan["Total Cost"]) for plan in plans]


def order_sql(column: str, term: OrderBy) -> str:
    """The column ordered as the term is, as Django writes it."""
    nulls = " NULLS FIRST" if term.nulls_first else " NULLS LAST" if term.nulls_last else ""
    return f"{column} {'DESC' if term.descending else 'ASC'}{nulls}"


def reverse(order: Sequence[Any]) -> list[OrderBy]:
    """The same order from its other end."""
    return list(map(_reversed, order))


def _reversed(term: Any) -> OrderBy:
    turned: OrderBy = term.copy() if isinstance(term, OrderBy) else term.asc()
    turned.reverse_ordering()
    return turned
