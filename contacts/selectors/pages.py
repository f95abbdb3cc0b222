"""One page of a list and its exact total, each from the cheapest thing that knows it.

Three ways lead to a page, and PostgreSQL's own estimate of the matches chooses between them:

- *known*: no filter. The total is at hand; the page is a walk along the order's index.
- *few* (up to FEW matches): one statement finds them all, counts and sorts them.
- *many*: the total is a count over a covering index; the page is a walk along the order's index that passes over what
  does not match, from whichever end is nearer. It stays short because much matches. Best matches first is an order
  that no index holds: there the page costs a second look at all matches.

An estimate that proves wrong costs time and never rows: the total is always counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy, RawSQL

from contacts.models import Contact

FEW = 5_000
PASS_COST = 0.04  # of a pass over a covering index, by PostgreSQL's measure, a contact


@dataclass(frozen=True, slots=True)
class Found:
    """`number` is that of the page shown, from 1; `rows` are its contacts in order."""

    total: int
    number: int
    rows: list[Contact]


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """Django's paginator for a total that is known already."""

    def __init__(self, rows: Sequence[Contact], per_page: int, *, total: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = total  # a cached property of the base class


@dataclass(frozen=True, slots=True)
class _Plan:
    rows: float
    cost: float


def find_page(
    matches: QuerySet[Contact],
    *,
    covered: QuerySet[Contact] | None,
    everybody: int,
    is_filtered: bool,
    order: Sequence[Any],
    fields: Sequence[str],
    number: int,
    size: int,
) -> Found:
    """The page `number` (the last one where there are fewer) of `size` rows: one to three statements.

    `everybody`: how many contacts there are.
    `covered`: the same rows as `matches` by conditions that covering indexes hold, where there is such a way.
    """
    page = _Page(Contact.objects.only(*fields), order, number, size)
    try:
        if not is_filtered:
            return page.walk(matches, everybody)
        plan = _plan(matches)
        scanned = _cheaper(matches, covered, plan, everybody)
        if plan.rows <= FEW:
            found = page.sort(scanned, limit=FEW + 1)
            if found.total <= FEW:
                return found
        counted = scanned.count()
        if counted <= FEW:
            return page.sort(scanned)
        return page.walk(matches if covered is None else covered, counted)
    except EmptyResultSet:
        return Found(0, 1, [])


def count_matches(matches: QuerySet[Contact], *, covered: QuerySet[Contact] | None, everybody: int) -> int:
    """The exact total without a page, by the way that `find_page` would take: two statements."""
    try:
        return _cheaper(matches, covered, _plan(matches), everybody).count()
    except EmptyResultSet:
        return 0


def _cheaper(
    matches: QuerySet[Contact], covered: QuerySet[Contact] | None, plan: _Plan, everybody: int
) -> QuerySet[Contact]:
    return matches if covered is None or plan.cost <= PASS_COST * everybody else covered


@dataclass(frozen=True, slots=True)
class _Page:
    shown: QuerySet[Contact]  # with the fields of a row
    order: Sequence[Any]  # ends in the primary key
    number: int
    size: int

    def walk(self, matches: QuerySet[Contact], total: int) -> Found:
        """Along the order's index, from the end that is nearer; only the page's own rows are read."""
        number = _clamp(self.number, total, self.size)
        start = (number - 1) * self.size
        stop = min(start + self.size, total)
        backwards = start > total - stop
        if backwards:
            start, stop = total - stop, total - start
        order = list(map(_reversed, self.order)) if backwards else self.order
        ids = matches.order_by(*order).values("pk")[start:stop]
        return Found(total, number, list(self.shown.filter(pk__in=ids).order_by(*self.order)))

    def sort(self, matches: QuerySet[Contact], limit: int | None = None) -> Found:
        """All matches found once, counted and sorted by the database; with a `limit`, only so many of them."""
        wanted = matches.order_by().values("pk")
        inner, inner_params = (wanted[:limit] if limit else wanted).query.sql_with_params()
        found = RawSQL("SELECT found.id FROM found", ())
        total = RawSQL("SELECT count(*) FROM found", ())
        listed = self.shown.filter(pk__in=found).order_by(*self.order).annotate(total=total)
        outer, outer_params = listed.query.sql_with_params()
        sql = (  # only SQL of Django's own making is put together
            f"WITH found(id) AS MATERIALIZED ({inner}) {outer} LIMIT %s OFFSET "  # noqa: S608
            "(SELECT least(%s::bigint, greatest(count(*) - 1, 0) / %s * %s) FROM found)"
        )
        size = self.size
        params = [*inner_params, *outer_params, size, (self.number - 1) * size, size, size]
        rows: list[Any] = list(Contact.objects.raw(sql, params))
        count = rows[0].total if rows else 0
        return Found(count, _clamp(self.number, count, size), rows)


def _clamp(number: int, total: int, size: int) -> int:
    return min(number, max(-(-total // size), 1))


def _plan(matches: QuerySet[Contact]) -> _Plan:
    sql, params = matches.order_by().values("pk").query.sql_with_params()
    with connections[matches.db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return _Plan(plan["Plan Rows"], plan["Total Cost"])


def _reversed(term: Any) -> OrderBy:
    turned: OrderBy = term.copy() if isinstance(term, OrderBy) else term.asc()
    turned.reverse_ordering()
    return turned
