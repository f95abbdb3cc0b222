"""Reads single values out of untrusted JSON: ids, times, links and numbers. Nothing here raises."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any

MAX_ID = 255  # Identity.external_id, Message.platform_id
MAX_URL = 4096
MAX_LABEL = 64
MAX_NUMBER = 2**31 - 1  # an integer column
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LAST_MS = 253_370_764_800_000  # 9999-01-01: a later moment overflows when it is shown in another time zone

_LINK = re.compile(r"https?://[^\s\x00-\x1f\x7f/]+[^\s\x00-\x1f\x7f]*", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{1,16}")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def storable(text: str) -> bool:
    """Whether a text column can hold it as it is: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def identifier(value: Any) -> str | None:
    """An opaque id of 1 to 255 storable characters; some bodies carry ids as whole numbers. Else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if 0 <= value < 10**MAX_ID else None
    if isinstance(value, str) and 0 < len(value) <= MAX_ID and value.strip() and storable(value):
        return value
    return None


def mapping(value: Any) -> dict[str, Any]:
    """The JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def string(value: Any) -> str:
    """The string as sent, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def items(value: Any) -> list[Any]:
    """The JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def flag(value: Any) -> bool:
    """A JSON true; old Instagram documents print the string "true" (PROTOCOLS 2.4)."""
    return value is True or value == "true"


def label(*parts: Any) -> str:
    """A short, storable name of an event kind for a stray."""
    return shortened("".join(map(string, parts)), MAX_LABEL)


def shortened(value: Any, length: int = MAX_ID) -> str:
    """The start of a string as a text column of this length can hold it; empty for anything else."""
    return "".join(char if storable(char) else "\ufffd" for char in string(value)[:length])


def link(value: Any) -> str:
    """The address where it is http or https, else an empty string."""
    if isinstance(value, str) and len(value) <= MAX_URL and storable(value) and _LINK.fullmatch(value):
        return value
    return ""


def first_link(*values: Any) -> str:
    return next(filter(None, map(link, values)), "")


def first_string(*values: Any) -> str:
    return next(filter(None, map(string, values)), "")


def first_id(*values: Any) -> str:
    return next(filter(None, map(identifier, values)), "")


def count(value: Any) -> int | None:
    """A whole number from 0 to 2**53 (bytes, milliseconds), else None."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**53:
        return value
    return None


def coordinate(value: Any, limit: int) -> float | None:
    """Degrees between -limit and +limit, else None."""
    if isinstance(value, int | float) and not isinstance(value, bool) and -limit <= value <= limit:
        return float(value)
    return None


def moment(value: Any) -> dt.datetime | None:
    """Platform time as aware UTC, exact to the millisecond; None where missing, unreadable or out of range.

    Numbers are milliseconds. Strings of up to ten digits are seconds (dashboard tests, PROTOCOLS 1.4),
    longer ones milliseconds; ISO 8601 with an offset is read too. Whole-number arithmetic only: a float
    would move the last digit.
    """
    ms = _milliseconds(value)
    if ms is None or not 0 <= ms < LAST_MS:
        return None
    seconds, rest = divmod(ms, 1000)
    return EPOCH + dt.timedelta(seconds=seconds, microseconds=rest * 1000)


def seconds(value: Any) -> dt.datetime | None:
    """Platform time in seconds, as number or string; more than ten digits can only be milliseconds."""
    text = identifier(value)
    return moment(text) if text and _DIGITS.fullmatch(text) else None


def _milliseconds(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if not isinstance(value, str):
        return None
    if _DIGITS.fullmatch(value):
        return int(value) * (1000 if len(value) <= 10 else 1)
    return _iso_milliseconds(value) if _ISO.match(value) else None


def _iso_milliseconds(value: str) -> int | None:
    try:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return None
        return (moment - EPOCH) // dt.timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None


def scalars(value: Any) -> str:
    """All that is said inside a value, in order, however deep: what tells two notices without an id apart."""
    found: list[str] = []
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            stack += [item for pair in reversed(one.items()) for item in reversed(pair)]
        elif isinstance(one, list):
            stack += reversed(one)
        else:
            found.append(string(one) or identifier(one) or type(one).__name__)
    return "\x1f".join(found)


def digest(*parts: Any) -> str:
    """A stable id for an event that has none: the same parts give the same id on redelivery."""
    joined = "\x1f".join(str(part) for part in parts)
    return "digest:" + hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:40]
