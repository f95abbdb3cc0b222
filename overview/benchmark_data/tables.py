"""Tables of the load: emptied together with all that hangs on them, their indexes put aside while rows come in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

# Triggers whose columns the load computes itself. Named, so that any other one still works.
COMPUTED_HERE = ("identity_inserted", "identity_username_inserted", "label_inserted", "order_inserted")
TRIGGERS = """
SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger WHERE tgname = ANY(%s) AND NOT tgisinternal
"""
# Every table that refers to contacts, however indirectly, with the columns that make it refer.
HANGING = """
WITH RECURSIVE hanging AS (
    SELECT 'contacts_contact'::regclass::oid AS id
    UNION
    SELECT c.conrelid FROM pg_constraint c JOIN hanging h ON c.confrelid = h.id WHERE c.contype = 'f'
)
SELECT c.conrelid::regclass::text, a.attname::text, NOT a.attnotnull
FROM pg_constraint c JOIN hanging h ON c.confrelid = h.id
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
WHERE c.contype = 'f' ORDER BY 1, 2
"""
CONSTRAINTS = """
SELECT conname::text, format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u') ORDER BY contype = 'f', conname
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, format('DROP INDEX %%s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
FROM pg_index i
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('u', 'x', 'p'))
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Stray:
    """Rows that would go with the contacts although they belong to none."""

    table: str
    column: str


def lock(cursor: CursorWrapper) -> None:
    """Nobody else reads or writes contacts, or what hangs on them, until the transaction ends."""
    cursor.execute(f"LOCK TABLE {', '.join(hanging_tables(cursor))} IN ACCESS EXCLUSIVE MODE")


def hanging_tables(cursor: CursorWrapper) -> list[str]:
    """Contacts and all tables that refer to them, however indirectly."""
    cursor.execute(HANGING)
    return ["contacts_contact", *dict.fromkeys(row[0] for row in cursor.fetchall())]


def strays(cursor: CursorWrapper) -> list[Stray]:
    """Hanging tables with rows that refer to nothing, such as an order of nobody."""
    cursor.execute(HANGING)
    found = []
    for table, column, nullable in cursor.fetchall():
        if not nullable:
            continue
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {column} IS NULL)")  # noqa: S608 catalogue's names
        if cursor.fetchone()[0]:
            found.append(Stray(table, column))
    return found


def empty(cursor: CursorWrapper) -> None:
    """Truncate contacts and what hangs on them; their numbers begin anew."""
    # Named one by one: a table that is not among them makes PostgreSQL refuse, where CASCADE would take it along.
    cursor.execute(f"TRUNCATE {', '.join(hanging_tables(cursor))} RESTART IDENTITY")


@contextmanager
def indexes_aside(cursor: CursorWrapper, tables: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """Without secondary indexes, unique and foreign keys, and the triggers of COMPUTED_HERE.

    Gives the names and statements of what the caller must make again, within the same transaction.
    """
    cursor.execute(TRIGGERS, [list(COMPUTED_HERE)])
    triggers = cursor.fetchall()
    for table, trigger in triggers:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    cursor.execute(CONSTRAINTS, [list(tables)])
    constraints = cursor.fetchall()
    cursor.execute(INDEXES, [list(tables)])
    indexes = cursor.fetchall()
    for _, drop, _ in [*constraints, *indexes]:
        cursor.execute(drop)
    yield [(name, make) for name, _, make in [*indexes, *constraints]]
    for table, trigger in triggers:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
