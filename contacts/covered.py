"""A contact's labels, channels and facts as bits: small enough for an index, so that a filtered count reads no row.

The bit of a label or channel is its id. Ids above LAST_BIT have none; filters on them use the arrays and their GIN
indexes, which are as exact and only slower on broad matches.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Expression, Func, IntegerField, Lookup, SmallIntegerField
from django.db.models.sql.compiler import SQLCompiler

LAST_BIT = 62  # of a signed bigint
VIP, PHONE, EMAIL, FOLLOWING, BLOCKED, BOUGHT = (1 << place for place in range(6))


class Mask(Func):
    """Bits of an integer array's items (contacts_mask, migration 0008)."""

    function = "contacts_mask"
    output_field = BigIntegerField()


@IntegerField.register_lookup
class EveryBit(Lookup):  # type: ignore[type-arg]
    """`number__every_bit=bits`: all of the bits are set.

    As an inequality, of which PostgreSQL expects to keep a third: of an equality it expects next to nothing and would
    rather sort "the few" than walk along an index.
    """

    lookup_name = "every_bit"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"({lhs} & %s) >= %s", (*params, self.rhs, self.rhs)


@IntegerField.register_lookup
class SomeBit(Lookup):  # type: ignore[type-arg]
    """`number__some_bit=bits`: at least one of the bits is set; an inequality as EveryBit is."""

    lookup_name = "some_bit"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"({lhs} & %s) > 0", (*params, self.rhs)


class Traits(Expression):
    """The facts of VIP … BOUGHT of a contact in one small number."""

    output_field = SmallIntegerField()
    TERMS = (
        (VIP, "user_type = 'vip'"),
        (PHONE, "phone <> ''"),
        (EMAIL, "email <> ''"),
        (FOLLOWING, "following"),
        (BLOCKED, "blocked"),
        (BOUGHT, "order_count > 0"),
    )

    def as_sql(self, compiler: SQLCompiler, connection: object) -> tuple[str, tuple[()]]:  # type: ignore[override]
        return " + ".join(f"CASE WHEN {test} THEN {bit} ELSE 0 END" for bit, test in self.TERMS), ()


def has_bit(ids: Iterable[int]) -> bool:
    """Whether every id has a bit of its own."""
    return all(0 < pk <= LAST_BIT for pk in ids)


def mask_of(ids: Iterable[int]) -> int:
    """The bits of ids that have one."""
    mask = 0
    for pk in ids:
        mask |= 1 << pk
    return mask
