"""Whatever JSON a signed body holds, parse() answers with well-formed events and never raises."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_ingest.platforms import ADAPTERS, adapter_for
from channels_ingest.platforms.base import (
    AnyEvent,
    FollowEvent,
    IgnoredEvent,
    MessageEvent,
    StrayEvent,
    UnsendEvent,
)

from .mutations import BODIES, ODD, mutated, values

EXAMPLES = 3500  # a platform
KINDS = {"text", "image", "video", "audio", "file", "sticker", "location"}
KINDS |= {"story_reply", "story_mention", "share", "postback", "unsupported"}
REASONS = {"unknown_kind", "unreadable", "group", "no_person"}
relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)


@pytest.fixture(autouse=True)
def no_parser_fault() -> Iterator[None]:
    """The parser's own safety net must not be what catches these."""
    faults: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: faults.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("channels_ingest.platforms._stray")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    assert faults == []


def check(event: AnyEvent) -> None:
    ids = [event.account_id]
    if isinstance(event, MessageEvent | UnsendEvent):
        assert event.person_id and event.platform_id
        ids += [event.person_id, event.platform_id]
        check_time(event.sent_at)
    if isinstance(event, FollowEvent):
        assert event.person_id
        ids += [event.person_id]
        check_time(event.sent_at)
    if isinstance(event, MessageEvent):
        assert event.kind in KINDS and event.direction in ("in", "out")
        assert all(isinstance(value, str) for value in (event.text, event.metadata, event.payload))
        ids += [event.reply_to, event.app_id]
        for attachment in event.attachments:
            assert attachment.url == "" or attachment.url.lower().startswith(("http://", "https://"))
            ids.append(attachment.platform_ref)
    if isinstance(event, StrayEvent):
        assert event.reason in REASONS and len(event.kind) <= 64
        ids += [event.kind, event.person_id, event.platform_id]
    for value in ids:
        assert isinstance(value, str) and len(value) <= 255 and "\x00" not in value
        value.encode("utf-8")


def check_time(moment: dt.datetime | None) -> None:
    assert moment is None or (moment.utcoffset() == dt.timedelta(0) and moment.microsecond % 1000 == 0)


@pytest.mark.parametrize("platform", ADAPTERS)
def test_mutated_bodies(platform: str) -> None:
    @relaxed
    @given(mutated(platform))
    def run(body: Any) -> None:
        events = list(adapter_for(platform).parse(body))
        assert events  # applied, ignored as a console's test, or kept: never silently nothing
        for event in events:
            check(event)

    run()


@pytest.mark.parametrize("platform", ADAPTERS)
def test_any_json_at_all(platform: str) -> None:
    @settings(relaxed, max_examples=300)
    @given(values)
    def run(body: Any) -> None:
        for event in adapter_for(platform).parse(body):
            check(event)

    run()
    for body in ODD:
        list(adapter_for(platform).parse(body))


@pytest.mark.parametrize("platform", ADAPTERS)
def test_one_broken_item_never_sinks_its_neighbours(platform: str) -> None:
    """Odd items put among the good ones of a body leave the good ones' events as they were."""

    @settings(relaxed, max_examples=300)
    @given(st.sampled_from(BODIES[platform]), values, st.integers(0, 3))
    def run(body: Any, odd: Any, place: int) -> None:
        adapter = adapter_for(platform)
        items = body.get("events") if platform == "line" else (body.get("entry") or [{}])[0].get("messaging")
        if not items:
            return
        before = [event for event in adapter.parse(body) if not isinstance(event, IgnoredEvent)]
        broken = [*items[:place], odd, *items[place:]]
        if platform == "line":
            changed = body | {"events": broken}
        else:
            changed = body | {"entry": [body["entry"][0] | {"messaging": broken}, *body["entry"][1:]]}
        after = list(adapter.parse(changed))
        assert all(event in after for event in before)

    run()
