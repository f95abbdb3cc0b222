"""Counting what a wide date or amount range leaves out: most contacts are in it, and the tally knows all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from saifa_crm.lib.dates import bangkok_day_range, day_start, today

from .filters import COUNTED, ContactFilter
from .models import Contact, Tally


def _days_ago(days: int) -> Any:
    return day_start(today() - timedelta(days=days - 1))


def _next_day(day: Any) -> Any:
    return bangkok_day_range(None, day)[1]


# Of each filter: its column, how a value is beyond its bound, and that bound.
BOUNDS: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "value_min": ("value", "lt", lambda amount: amount),
    "value_max": ("value", "gt", lambda amount: amount),
    "first_from": ("first_contact_at", "lt", day_start),
    "first_to": ("first_contact_at", "gte", _next_day),
    "new_days": ("first_contact_at", "lt", _days_ago),
    "active_from": ("latest_contact_at", "lt", day_start),
    "active_to": ("latest_contact_at", "gte", _next_day),
    "silent_days": ("latest_contact_at", "gte", _days_ago),
}
# What may be asked together: two ends of one range, which never leave out the same contact.
RANGES = (
    {"value_min", "value_max"},
    {"first_from", "first_to"},
    {"new_days"},
    {"active_from", "active_to"},
    {"silent_days"},
)


@dataclass(frozen=True, slots=True)
class Outside:
    """What else is asked adds up to `tally`; of those contacts, each of `left_out` is in the range nowhere else."""

    tally: QuerySet[Tally]
    left_out: list[QuerySet[Contact]]

    def count(self) -> int:
        """How many are in the range, by one statement and so one snapshot."""
        kept, params = self.tally.values("change").query.sql_with_params()
        sql = f"SELECT (SELECT coalesce(sum(change), 0) FROM ({kept}) kept)"  # noqa: S608 SQL of Django's own making
        for contacts in self.left_out:
            gone, more = contacts.order_by().values("pk").query.sql_with_params()
            sql += f" - (SELECT count(*) FROM ({gone}) gone)"  # noqa: S608
            params = (*params, *more)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return int(cursor.fetchone()[0])


def outside(asked: ContactFilter) -> Outside | None:
    """None where the filters are not one range and what the bits of a contact answer."""
    names = {name for name in asked.filters if name not in COUNTED and asked.asks(name)}
    if not any(names and names <= together for together in RANGES):
        return None
    tally, kept = asked.by_bits(Tally.objects, only=COUNTED), asked.by_bits(Contact.objects, only=COUNTED)
    if tally is None or kept is None:
        return None
    left_out, column = [], ""
    for name in names:
        column, beyond, bound = BOUNDS[name]
        limit = bound(asked.form.cleaned_data[name])
        if limit is not None:  # the calendar's last day: there is none after it
            left_out.append(kept.filter(**{f"{column}__{beyond}": limit}))
    if column != "value":
        left_out.append(kept.filter(**{f"{column}__isnull": True}))
    return Outside(tally, left_out)
