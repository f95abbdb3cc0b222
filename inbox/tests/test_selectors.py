"""Reads of the inbox: order, filters, and pages without gap or double even where times are equal."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Contact, Platform
from inbox import selectors
from inbox.filters import InboxFilter
from inbox.keyset import Cursor
from inbox.models import ConversationStatus

from .factories import (
    NOON,
    make_channel,
    make_conversation,
    make_message,
    make_messages,
)

pytestmark = pytest.mark.django_db


def read(query: str) -> InboxFilter:
    return InboxFilter.read(QueryDict(query))


def names(query: str = "") -> list[str]:
    page = selectors.conversation_page(filters=read(query))
    return [row.identity.contact.name for row in page.rows]


def test_newest_chat_first_and_silent_ones_left_out() -> None:
    for minute, name in enumerate(("Old", "Middle", "New")):
        make_message(make_conversation(name), at=NOON + dt.timedelta(minutes=minute))
    make_conversation("Never wrote")
    assert names() == ["New", "Middle", "Old"]


def test_filters() -> None:
    liv, shop = make_channel("LIV"), make_channel("Saifa Shop", Platform.LINE)
    for name, channel, fields in (
        ("Open", liv, {}),
        ("Closed", shop, {"status": ConversationStatus.CLOSED}),
        ("Later", shop, {"status": ConversationStatus.FOLLOW_UP}),
        ("Spammer", liv, {"is_spam": True}),
    ):
        make_message(make_conversation(name, channel, **fields))
    selected = make_conversation("Read", liv)
    make_message(selected)
    selected.unread = 0
    selected.save()
    assert set(names()) == {"Open", "Read"}
    assert set(names("box=unread")) == {"Open", "Closed", "Later"}
    assert set(names("status=closed")) == {"Closed"}
    assert set(names("status=follow_up")) == {"Later"}
    assert set(names(f"channel={shop.pk}&status=any")) == {"Closed", "Later"}
    assert set(names("box=spam")) == {"Spammer"}
    assert set(names("status=any")) == {"Open", "Closed", "Later", "Read"}


@pytest.mark.parametrize("q", ["สมชาย", "ชาย", "สมชาย์", "somchai", "081-000-0001", "+66 81 000", "0001"])
def test_search_finds_as_the_list_does_whatever_the_status(q: str) -> None:
    wanted = make_conversation(contact=Contact.objects.create(name="คุณสมชาย", phone="+66810000001"))
    wanted.status = ConversationStatus.CLOSED
    make_message(wanted)
    make_message(make_conversation("Nobody else 100%"))
    assert names(urlencode({"q": q})) == ["คุณสมชาย"]


@pytest.mark.parametrize(
    "query",
    [
        "box=x",
        "channel=abc",
        "channel=99999999999999999999",
        "status=%00",
        "q=%00",
        "channel=-1",
        "q=%25_",
    ],
)
def test_bad_filters_never_fail(query: str) -> None:
    make_message(make_conversation())
    selectors.conversation_page(filters=read(query))


def test_filter_survives_its_own_query_string() -> None:
    filters = InboxFilter(box="unread", channel=3, status="closed", q="a&b=ก %")
    assert read(filters.query.removeprefix("?")) == filters
    assert read("").query == ""


def test_list_pages_have_no_gap_and_no_double_with_equal_times() -> None:
    channel = make_channel()
    wanted = []
    for number in range(23):
        conversation = make_conversation(f"c{number}", channel)
        make_message(conversation, at=NOON + dt.timedelta(minutes=number // 10))
        wanted.append(conversation.pk)
    seen: list[int] = []
    before: Cursor | None = None
    while True:
        page = selectors.conversation_page(filters=read(""), before=before, size=5)
        seen += [row.pk for row in page.rows]
        if page.older is None:
            break
        before = Cursor.read(str(page.older))
    assert seen == sorted(wanted, key=lambda pk: (wanted.index(pk) // 10, pk), reverse=True)


@pytest.mark.parametrize("step", [0, 60])
def test_thread_pages_have_no_gap_and_no_double(step: int) -> None:
    conversation = make_conversation()
    made = make_messages(conversation, 123, step=step)
    seen: list[int] = []
    before: Cursor | None = None
    sizes = []
    while True:
        page = selectors.message_page(conversation_id=conversation.pk, before=before)
        seen = [message.pk for message in page.messages] + seen
        sizes.append(len(page.messages))
        if page.older is None:
            break
        before = Cursor.read(str(page.older))
    assert seen == [message.pk for message in made]
    assert sizes == [50, 50, 23]


def test_timeline_runs_over_all_channels_in_one_order() -> None:
    contact = Contact.objects.create(name="Ploy")
    on_line = make_conversation(contact=contact, channel=make_channel("Shop", Platform.LINE))
    on_facebook = make_conversation(contact=contact, channel=make_channel("LIV"))
    make_messages(make_conversation("Somebody else"), 5)
    made = make_messages(on_line, 40, step=120) + make_messages(
        on_facebook, 40, at=NOON + dt.timedelta(seconds=60), step=120
    )
    made += make_messages(on_facebook, 7, step=0)
    wanted = [message.pk for message in sorted(made, key=lambda message: (message.sent_at, message.pk))]
    seen: list[int] = []
    before: Cursor | None = None
    while True:
        page = selectors.contact_timeline(contact_id=contact.pk, before=before, size=11)
        seen = [message.pk for message in page.messages] + seen
        if page.older is None:
            break
        before = page.older
    assert seen == wanted
    newest = selectors.contact_timeline(contact_id=contact.pk, size=2).messages
    assert {message.conversation.identity.channel.name for message in newest} == {
        "Shop",
        "LIV",
    }


def test_timeline_costs_the_same_for_five_and_five_hundred(
    django_assert_max_num_queries: object,
) -> None:
    from django.db import connection

    counts = []
    for many in (5, 500):
        contact = Contact.objects.create(name="Ploy")
        for channel in (make_channel("A"), make_channel("B")):
            make_messages(make_conversation(contact=contact, channel=channel), many)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = selectors.contact_timeline(contact_id=contact.pk)
            assert [message.conversation.identity.channel.name for message in page.messages]
        counts.append(len(queries))
    assert counts == [4, 4]  # conversations, ids over all of them, the page's messages, their copied attachments


def test_refresh_brings_everything_from_the_oldest_shown() -> None:
    conversation = make_conversation()
    made = make_messages(conversation, 60)
    oldest = Cursor(made[10].sent_at, made[10].pk)
    late = make_message(conversation, "late", at=made[30].sent_at)
    page = selectors.message_page_from(conversation_id=conversation.pk, since=oldest)
    assert len(page.messages) == 51
    assert page.messages[0].pk == made[10].pk
    assert late.pk in [message.pk for message in page.messages]
    assert page.older == oldest
    first = Cursor(made[0].sent_at, made[0].pk)
    assert selectors.message_page_from(conversation_id=conversation.pk, since=first).older is None


def test_counts() -> None:
    liv, shop = make_channel("LIV"), make_channel("Shop", Platform.LINE)
    for channel, fields in (
        (liv, {}),
        (liv, {}),
        (shop, {"status": "follow_up"}),
        (liv, {"is_spam": True}),
    ):
        make_message(make_conversation(channel=channel, **fields))
    assert {row.name: row.open for row in selectors.channel_counts()} == {
        "LIV": 2,
        "Shop": 0,
    }
    assert selectors.status_counts(read("")) == {"open": 2, "follow_up": 1}
    assert selectors.status_counts(read(f"channel={shop.pk}")) == {
        "open": 0,
        "follow_up": 1,
    }
    assert selectors.unread_total() == 3


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    Cursor.read(text)


@given(st.datetimes(timezones=st.just(dt.UTC)), st.integers(1, 2**31 - 1))
def test_cursors_lose_nothing(at: dt.datetime, pk: int) -> None:
    assert Cursor.read(str(Cursor(at, pk))) == Cursor(at, pk)
