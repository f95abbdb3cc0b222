"""Reading a body's JSON within limits, and cutting a body of very many events into smaller ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_INT_DIGITS = 4300  # beyond it Python refuses to convert
MAX_DEPTH = 100  # the platforms' bodies reach about 12
# Meta batches up to 1,000 events (PROTOCOLS section 1.3); more than this is no platform's habit, and is not applied
# while the platform waits.
MANY_ITEMS = 5_000
SLICE = 1_000  # events


class NotJson(Exception):
    """The body is not JSON in UTF-8 (RFC 8259), or nested too deep."""


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_INT_DIGITS else digits


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def read_json(body: bytes) -> Any:
    """The decoded body; raises NotJson. NaN, Infinity and UTF-16, which Python would take, are not JSON."""
    try:
        # Python's own reader takes raw surrogates too: a customer's broken emoji must not cost the message.
        text = body.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
        decoded = json.loads(text, parse_int=_integer, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotJson from error
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(decoded) > MAX_DEPTH:
        raise NotJson
    return decoded


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _depth(decoded: Any) -> int:
    """Levels of lists and objects, at most one more than MAX_DEPTH."""
    depth, level = 0, [decoded]
    while level and depth <= MAX_DEPTH:
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
        depth += 1
    return depth


def has_many_events(body: bytes, decoded: Any) -> bool:
    """Whether the lists of a body hold more than MANY_ITEMS things in all."""
    if body.count(b",") < MANY_ITEMS:
        return False
    items, level = 0, [decoded]
    while level and items <= MANY_ITEMS:
        items += sum(len(node) for node in level if isinstance(node, list))
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
    return items > MANY_ITEMS


def slices(decoded: Any, size: int) -> Iterator[Any]:
    """The body as bodies of at most `size` events each, in order; one that is small, or of no known shape, as it is.

    LINE lists `events`; Meta lists `entry`, and each entry `messaging`, `standby` or `changes`.
    """
    if not isinstance(decoded, Mapping):
        yield decoded
        return
    events, entries = decoded.get("events"), decoded.get("entry")
    if isinstance(events, list) and len(events) > size:
        for part in _parts(events, size):
            yield {**decoded, "events": part}
    elif isinstance(entries, list) and sum(_weight(entry) for entry in entries) > size:
        for batch in _batches(entries, size):
            yield {**decoded, "entry": batch}
    else:
        yield decoded


def _batches(entries: list[Any], size: int) -> Iterator[list[Any]]:
    """Entries, cut where they are long, packed so that each batch weighs at most `size`."""
    batch: list[Any] = []
    weight = 0
    for entry in entries:
        for part in _entry_parts(entry, size):
            if batch and weight + _weight(part) > size:
                yield batch
                batch, weight = [], 0
            batch.append(part)
            weight += _weight(part)
    if batch:
        yield batch


def _parts(items: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _lists(entry: Any) -> dict[str, list[Any]]:
    return {key: value for key, value in entry.items() if isinstance(value, list)} if isinstance(entry, dict) else {}


def _weight(entry: Any) -> int:
    return max(1, sum(len(items) for items in _lists(entry).values()))


def _entry_parts(entry: Any, size: int) -> Iterator[Any]:
    """An entry whose lists are short as it is; else one entry a list and slice, each with the entry's other fields."""
    if _weight(entry) <= size:
        yield entry
        return
    lists = _lists(entry)
    others = {key: value for key, value in entry.items() if key not in lists}
    for key, items in lists.items():
        for part in _parts(items, size):
            yield {**others, key: part}
