"""The CSV report: the list's own query, turned into text by PostgreSQL and streamed as it comes.

One COPY statement is one snapshot, whatever is written meanwhile. It runs outside any transaction, holds no cursor and
no session state (PgBouncer in transaction mode is fine) and a million rows pass in 64 KiB pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Case, F, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from psycopg import Copy

from .models import Contact, Platform, UserType
from .report_cells import Cell, Names, join_names

BOM = b"\xef\xbb\xbf"
PIECE = 64 * 1024  # one chunk a row is three times slower through the web server


class BangkokTime(Func):
    template = "to_char(%(expressions)s AT TIME ZONE 'Asia/Bangkok', 'YYYY-MM-DD HH24:MI:SS')"
    output_field = TextField()


def _platform_names() -> str:
    return "CASE t.platform " + " ".join(f"WHEN '{p.value}' THEN '{p.label}'" for p in Platform) + " END"


# English whatever the reader's language: the file is read by other programs too.
COLUMNS: dict[str, Any] = {
    "Customer Name": Cell("name"),
    "Channel": Names("channel_ids", table="contacts_channel", name=f"{_platform_names()} || ' ' || t.name"),
    "User Type": Case(When(user_type=UserType.VIP, then=Value("VIP")), default=Value("User"), output_field=TextField()),
    "Label": Names("label_ids", table="labels_label", name="t.name"),
    "Phone Number": Cell("phone_display"),
    "Latest Contact": BangkokTime(F("latest_contact_at")),
    "Value": Cast(F("value"), TextField()),
    "Contact ID": F("id"),
    "Email": Cell("email"),
    "Address": Cell("address"),
    "First Contact": BangkokTime(F("first_contact_at")),
    "Orders": F("order_count"),
}


# Names of the columns in URLs, forms and the history: customer_name, channel and so on.
KEYS = {header.lower().replace(" ", "_"): header for header in COLUMNS}


def columns_known(keys: Iterable[str]) -> list[str]:
    """The known ones of these column keys, in the report's order; all of them where none is known."""
    wanted = set(keys)
    return [key for key in KEYS if key in wanted] or list(KEYS)


def report_sql(queryset: QuerySet[Contact], keys: Iterable[str] = ()) -> tuple[str, tuple[Any, ...]]:
    """The query behind the report; raises EmptyResultSet where nothing can match."""
    chosen = [COLUMNS[KEYS[key]] for key in columns_known(keys)]
    columns = {f"column_{place}": expression for place, expression in enumerate(chosen)}
    query = queryset.annotate(**columns).values_list(*columns).query
    join_names(query, columns.values())
    sql, params = query.sql_with_params()
    return sql, tuple(params)


def report_stream(
    queryset: QuerySet[Contact], *, finished: Callable[[int], None], keys: Iterable[str] = ()
) -> Iterator[bytes]:
    """The file in pieces; `finished` is told the number of rows when all of them were sent, and only then."""
    keys = columns_known(keys)
    piece = [BOM, ",".join(KEYS[key] for key in keys).encode(), b"\r\n"]
    size = rows = 0
    for row in _csv_rows(queryset, keys):
        rows += 1
        size += len(row)
        piece += row[:-1], b"\r\n"  # COPY ends a row with a line feed; those inside cells stay
        if size >= PIECE:
            yield b"".join(piece)
            piece.clear()
            size = 0
    yield b"".join(piece)
    finished(rows)


def report_rows(queryset: QuerySet[Contact], keys: Iterable[str] = ()) -> Iterator[tuple[str | None, ...]]:
    """The same cells one by one, None where a cell is empty."""
    with _copying(queryset, columns_known(keys), "text") as copy:
        if copy is not None:
            yield from copy.rows()


def _csv_rows(queryset: QuerySet[Contact], keys: Iterable[str]) -> Iterator[bytes]:
    with _copying(queryset, keys, "csv") as copy:
        if copy is not None:
            for row in copy:
                yield bytes(row)


@contextmanager
def _copying(queryset: QuerySet[Contact], keys: Iterable[str], form: str) -> Iterator[Copy | None]:
    """COPY of the report, under way; None where nothing can match."""
    try:
        sql, params = report_sql(queryset, keys)
    except EmptyResultSet:
        yield None
        return
    command = f"COPY ({sql}) TO STDOUT (FORMAT {form})"
    # psycopg's own cursor: Django's logging wrapper has a copy() without parameters.
    with connections[queryset.db].cursor() as wrapper, wrapper.cursor.copy(command, params) as copy:
        yield copy
