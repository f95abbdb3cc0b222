"""Whatever JSON a signed body holds, parse() answers with well-formed events and never raises."""

from __future__ import annotations

import copy
import datetime as dt
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_ingest.platforms import ADAPTERS, adapter_for
from channels_ingest.platforms.events import (
    AnyEvent,
    EditEvent,
    HappeningEvent,
    IgnoredEvent,
    MessageEvent,
    NoticeEvent,
    Origin,
    OriginEvent,
    PersonEvent,
    ReactionEvent,
    ReceiptEvent,
    StrayEvent,
    UnsendEvent,
)

from .mutations import BODIES, ODD, mutated, values

EXAMPLES = 2500  # a platform
KINDS = {"text", "image", "video", "audio", "file", "sticker", "location"}
KINDS |= {"story_reply", "story_mention", "share", "postback", "order", "contact", "unsupported"}
STATES = {"sent", "delivered", "read", "failed"}
SOURCES = {"ad", "link", "post", "optin", "other"}
HAPPENINGS = {"account_linked", "account_unlinked", "membership_joined", "membership_left", "membership_renewed"}
HAPPENINGS |= {"video_played", "beacon", "feedback", "control_requested", "called", "called_by_us", "call_ended"}
HAPPENINGS |= {"chat_opened", "identity_changed", "marketing_preference", "number_changed"}
LISTS = ("messaging", "standby", "messages", "statuses", "message_echoes")
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
    if isinstance(event, PersonEvent):
        assert event.person_id
        check_time(event.sent_at)
    if isinstance(event, MessageEvent | UnsendEvent | EditEvent | ReactionEvent | HappeningEvent | NoticeEvent):
        assert event.platform_id
    CHECKS.get(type(event), lambda _: None)(event)
    for name in ("account_id", "person_id", "platform_id"):
        check_column(getattr(event, name, ""))


def check_column(value: str, length: int = 255) -> None:
    assert isinstance(value, str) and len(value) <= length and "\x00" not in value
    value.encode("utf-8")


def check_message(event: MessageEvent) -> None:
    assert event.kind in KINDS and event.direction in ("in", "out")
    assert all(isinstance(value, str) for value in (event.text, event.metadata, event.payload))
    check_column(event.reply_to)
    check_column(event.app_id)
    for attachment in event.attachments:
        assert attachment.url == "" or attachment.url.lower().startswith(("http://", "https://"))
        check_column(attachment.platform_ref)
    assert event.phone == "" or (event.phone.isascii() and event.phone.isdigit() and len(event.phone) <= 15)
    if event.origin is not None:
        check_origin(event.origin)


def check_origin(origin: Origin) -> None:
    assert origin.source in SOURCES
    for value in (origin.ref, origin.ad_id, origin.title):
        check_column(value)


def check_edit(event: EditEvent) -> None:
    assert isinstance(event.text, str) and 0 <= event.number < 2**31


def check_receipt(event: ReceiptEvent) -> None:
    assert event.state in STATES and (event.upto is None) == bool(event.platform_id)
    check_time(event.upto)


def check_happening(event: HappeningEvent) -> None:
    assert event.kind in HAPPENINGS
    check_column(event.detail, 300)


def check_notice(event: NoticeEvent) -> None:
    check_column(event.kind, 64)
    check_column(event.detail, 500)
    check_time(event.sent_at)


def check_stray(event: StrayEvent) -> None:
    assert event.reason in REASONS
    check_column(event.kind, 64)


CHECKS: dict[type, Callable[[Any], None]] = {
    MessageEvent: check_message,
    EditEvent: check_edit,
    ReactionEvent: lambda event: check_column(event.emoji, 32),
    ReceiptEvent: check_receipt,
    OriginEvent: lambda event: check_origin(event.origin),
    HappeningEvent: check_happening,
    NoticeEvent: check_notice,
    StrayEvent: check_stray,
}


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


def neighbours(platform: str, body: Any) -> list[Any]:
    """The list of a body whose items are events side by side; empty where it has none."""
    if not isinstance(body, dict):
        return []
    if platform == "line":
        found = body.get("events")
    elif platform == "telegram":  # one update is one event
        found = None
    else:
        entry = (body.get("entry") or [{}])[0]
        value = (entry.get("changes") or [{}])[0].get("value", {}) if platform == "whatsapp" else entry
        found = next((value[name] for name in LISTS if name in value), None)
    return found if isinstance(found, list) else []


@pytest.mark.parametrize("platform", ADAPTERS)
def test_one_broken_item_never_sinks_its_neighbours(platform: str) -> None:
    """Odd items put among the good ones of a body leave the good ones' events as they were; on standby as well."""

    @settings(relaxed, max_examples=300)
    @given(st.sampled_from(BODIES[platform]), values, st.integers(0, 3))
    def run(body: Any, odd: Any, place: int) -> None:
        adapter = adapter_for(platform)
        found = neighbours(platform, body)
        if not found:
            return
        before = [event for event in adapter.parse(body) if not isinstance(event, IgnoredEvent)]
        changed = copy.deepcopy(body)
        neighbours(platform, changed).insert(place, odd)
        after = list(adapter.parse(changed))
        assert all(event in after for event in before)

    run()
