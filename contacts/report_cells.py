"""Cells of the report in SQL: text that no spreadsheet runs, and the names behind a row's id arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Expression, F, TextField
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

# What a spreadsheet may run: = + - @ and their full-width and small twins, whatever blank or invisible characters stand
# before them, and a leading tab or line break. Plain numbers and phone numbers begin with a sign too but are harmless.
BLANKS = r"[\s\u0001-\u0020\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3000\ufeff]*"
SIGNS = r"[-=+@\uff0b\uff0d\uff1d\uff20\ufe62\ufe63\ufe66\ufe6b]"
NUMBER = r"[+-]?[0-9][0-9,]*(\.[0-9]+)?"
PHONE = r"\+[0-9][0-9 ().-]{5,24}"
FORMULA = rf"^(?={BLANKS}{SIGNS}|[\t\r\n])(?!({NUMBER}|{PHONE})$)"
# First characters that are neither: digits, Latin letters (and the few signs between, up to U+007F), Thai. Compared
# bytewise, which is four times as quick as the expression and right for nearly every cell.
HARMLESS = (("0", ":"), ("A", "\x7f"), ("\u0e01", "\u0e80"))


def cell_sql(text: str) -> tuple[str, tuple[str, ...]]:
    """SQL of `text` as a cell, NULL where it is empty; `text` is SQL without parameters, and cheap to repeat."""
    harmless = " OR ".join(f'({text} COLLATE "C" >= %s AND {text} COLLATE "C" < %s)' for _ in HARMLESS)
    sql = f"CASE WHEN {text} = '' THEN NULL WHEN {harmless} THEN {text} ELSE regexp_replace({text}, %s, '''') END"
    return sql, (*(bound for pair in HARMLESS for bound in pair), FORMULA)


class Cell(Expression):
    """Text of a column that no spreadsheet takes for a formula; empty text is an empty cell."""

    output_field = TextField()

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column: Any = F(column)

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.column,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[str, ...]]:
        text, _none = compiler.compile(self.column)
        return cell_sql(text)


class Names(Expression):
    """Names of an id array's rows in the array's order, joined by "; ". The query needs `join_names`."""

    output_field = TextField()

    def __init__(self, array: str, *, table: str, name: str) -> None:
        """`name` is SQL of a name of the row `t` of `table`."""
        super().__init__()
        self.array, self.table, self.name = array, table, name

    @property
    def alias(self) -> str:
        return f"names_of_{self.array}"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[str, ...]]:
        return f"{self.alias}.cell", ()


class NamesJoin:
    """A lateral join, of which PostgreSQL keeps the answers by array: a few thousand arrays name a million rows.

    Django has no such join; its compiler asks one for its SQL, and what it hangs on.
    """

    parent_alias = None

    def __init__(self, names: Names, base: str) -> None:
        self.names, self.base = names, base

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[str, ...]]:
        names = self.names
        cell, params = cell_sql("joined.names")
        joined = (
            f"SELECT string_agg({names.name}, '; ' ORDER BY k.place) AS names"  # noqa: S608 names of ours
            f' FROM unnest("{self.base}"."{names.array}") WITH ORDINALITY AS k(id, place)'
            f" JOIN {names.table} AS t ON t.id = k.id"
        )
        sql = f"SELECT {cell} AS cell FROM ({joined}) joined"  # noqa: S608
        return f"LEFT JOIN LATERAL ({sql}) AS {names.alias} ON true", params


def join_names(query: Query, columns: Iterable[Any]) -> None:
    """Join what the Names among the query's columns read."""
    base = query.get_initial_alias()
    for names in columns:
        if isinstance(names, Names):
            query.alias_map[names.alias] = NamesJoin(names, base)  # type: ignore[assignment]
            query.alias_refcount[names.alias] = 1
