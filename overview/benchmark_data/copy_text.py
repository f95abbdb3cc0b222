"""Values as PostgreSQL's COPY text format wants them."""

from __future__ import annotations

from collections.abc import Iterable

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_DAY = 86_400
_FIRST_DAY = 14_600  # days since 1970: 2009-12-22


def escaped(text: str) -> str:
    """Text as a column's value."""
    return text.translate(_ESCAPES)


def array(items: Iterable[object]) -> str:
    """A one-dimensional array of numbers or plain words."""
    return "{" + ",".join(map(str, items)) + "}"


def _days() -> list[str]:
    import datetime as dt

    first = dt.date(1970, 1, 1) + dt.timedelta(days=_FIRST_DAY)
    return [f"{first + dt.timedelta(days=n)} " for n in range(20_000)]


DAYS = _days()
TIMES = [f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}+00" for n in range(_DAY)]


def moment(at: int) -> str:
    """Seconds since 1970 as a timestamptz; by look-up, for there are tens of millions."""
    return DAYS[at // _DAY - _FIRST_DAY] + TIMES[at % _DAY]


def moment_or_null(at: int | None) -> str:
    return NULL if at is None else moment(at)
