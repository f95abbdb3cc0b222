"""Limits of what a signed body may be: encoding, depth, number of events; and how a large one is cut."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.bodies import MANY_ITEMS, MAX_DEPTH, NotJson, has_many_events, read_json, slices
from channels_ingest.drain import Drainer
from channels_ingest.models import StrayEvent
from channels_ingest.spool import waiting
from contacts.models import Contact
from inbox.models import Message

from .posts import LINE_BOT, PAGE, connect, line_body, line_event, page_body, page_item, post_line, post_meta


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    "body",
    [
        '{"object": "page"}'.encode("utf-16"),
        '{"object": "page"}'.encode("utf-32"),
        gzip.compress(b"{}", mtime=0),
        b'{"a": "\xff"}',
        b'{"a": Infinity}',
        nested(MAX_DEPTH + 1),
        nested(900),  # Python's own limit is about a thousand, less inside a request
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
)
def test_not_json(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(body)


def test_json() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": [1]}') == {"a": [1]}
    assert read_json('{"ชื่อ": "\\ud800"}'.encode()) == {"ชื่อ": "\ud800"}
    assert read_json(b'"\xed\xa0\x80"') == "\ud800"
    assert read_json(nested(MAX_DEPTH))


@pytest.mark.django_db
@pytest.mark.parametrize("body", [gzip.compress(b"{}", mtime=0), '{"object": "page"}'.encode("utf-16"), nested(500)])
def test_answered_400(body: bytes) -> None:
    connect("facebook", PAGE)
    assert post_meta("facebook", body).status_code == 400
    assert not StrayEvent.objects.exists()


entries = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers()},
        optional={key: st.lists(st.integers(), max_size=9) for key in ("messaging", "standby", "changes")},
    )
    | st.integers(),
    max_size=8,
)


def told(entry: Any) -> list[tuple[Any, str, Any]]:
    """Each thing an entry lists, with the entry's id and the list's name; an entry that lists nothing is one itself."""
    if not isinstance(entry, dict):
        return [(entry, "", None)]
    lists = {key: value for key, value in entry.items() if isinstance(value, list) and value}
    return [(entry["id"], key, item) for key, items in lists.items() for item in items] or [(entry["id"], "", None)]


@given(entries, st.integers(1, 10))
def test_slices_hold_all_of_a_meta_body_in_order(entries: list[Any], size: int) -> None:
    parts = list(slices({"object": "page", "entry": entries}, size))
    assert all(part["object"] == "page" for part in parts)
    assert [one for part in parts for entry in part["entry"] for one in told(entry)] == [
        one for entry in entries for one in told(entry)
    ]
    assert all(sum(len(told(entry)) for entry in part["entry"]) <= size for part in parts)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_slices_hold_all_of_a_line_body_in_order(events: list[int], size: int) -> None:
    parts = list(slices({"destination": "U", "events": events}, size))
    assert [event for part in parts for event in part["events"]] == events
    assert all(part["destination"] == "U" and len(part["events"]) <= size for part in parts)


@pytest.mark.parametrize("odd", [None, 1, "x", [], [1, 2], {}, {"events": 1}, {"entry": {"messaging": [1] * 9}}])
def test_what_has_no_known_shape_stays_whole(odd: Any) -> None:
    assert list(slices(odd, 2)) == [odd]


def test_the_largest_batch_of_the_platforms_is_not_many() -> None:
    """Meta: up to 1,000 updates in a post."""
    item = page_item("9", "m", "a, b, c") | {"message": {"mid": "m", "attachments": [{"type": "image"}] * 3}}
    body = page_body(*[item] * 1000)
    assert not has_many_events(json.dumps(body).encode(), body)


@pytest.mark.django_db
def test_very_many_events_are_kept_at_once_and_applied_by_the_drainer(settings: Any, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path
    channel = connect("line", LINE_BOT)
    tiny = [{"type": "x", "n": number} for number in range(MANY_ITEMS)]
    body = line_body(*tiny[:3000], line_event("Ua", "1"), *tiny[3000:], line_event("Ub", "2"))
    assert post_line(channel, body).status_code == 200
    assert (Contact.objects.count(), StrayEvent.objects.count(), len(waiting())) == (0, 0, 1)
    assert Drainer(threading.Event()).drain() == 1
    assert (Contact.objects.count(), Message.objects.count(), waiting()) == (2, 2, [])
    assert StrayEvent.objects.count() == MANY_ITEMS
