"""What a delivery leaves in the database: once, whole, the same in any order and under any concurrency."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_ingest import delivery
from channels_ingest.models import Mark, RawEvent, StrayEvent
from channels_ingest.times import effective_time
from contacts.models import Channel, Contact, Identity
from inbox.models import Conversation, Message
from saifa_crm.tests.threads import together

from .posts import (
    LINE_BOT,
    MS,
    PAGE,
    connect,
    line_body,
    line_event,
    page_body,
    page_item,
    post_line,
    post_meta,
)


def state() -> dict[str, Any]:
    """Everything that ingest decides, without ids and received times."""
    return {
        "contacts": sorted(
            Contact.objects.values_list("name", "first_contact_at", "latest_contact_at", "platforms"), key=str
        ),
        "identities": sorted(
            Identity.objects.values_list("external_id", "follow_state", "first_seen_at", "last_seen_at"),
            key=str,
        ),
        "conversations": sorted(
            Conversation.objects.values_list(
                "identity__external_id",
                "last_preview",
                "last_kind",
                "last_direction",
                "last_message_at",
                "unread",
                "status",
            ),
            key=str,
        ),
        "messages": sorted(
            Message.objects.values_list("platform_id", "text", "direction", "kind", "sent_at", "unsent_at"),
            key=str,
        ),
        "raw": sorted(RawEvent.objects.values_list("platform_id", flat=True)),
        "strays": StrayEvent.objects.count(),
    }


def unsend(person: str, message_id: str, *, at: int) -> dict[str, Any]:
    return {
        **line_event(person, message_id, at=at),
        "type": "unsend",
        "unsend": {"messageId": message_id},
        "message": None,
    }


def follow(person: str, *, at: int, kind: str = "follow") -> dict[str, Any]:
    event = {**line_event(person, f"{kind}{at}", at=at), "type": kind, "follow": {"isUnblocked": False}}
    event.pop("message")
    return event


CONVERSATION = [
    line_event("Ua", "1", "first", at=MS),
    line_event("Ua", "2", "second", at=MS + 1000),
    line_event("Ua", "3", "same time A", at=MS + 2000),
    line_event("Ua", "4", "same time B", at=MS + 2000),
    line_event("Ub", "5", "another person", at=MS + 500),
    line_event("Ua", "6", "taken back", at=MS + 3000),
    unsend("Ua", "6", at=MS + 4000),
    follow("Ua", at=MS - 1000),
    follow("Ub", at=MS + 100),
    follow("Ub", at=MS + 9000, kind="unfollow"),
    {**line_event("Ua", "7"), "type": "telepathy"},
]


@pytest.mark.django_db
def test_same_state_in_any_order_split_and_repetition() -> None:
    channel = connect("line", LINE_BOT)
    post_line(channel, line_body(*CONVERSATION))
    expected = state()
    assert len(expected["messages"]) == 6
    assert ("6", "", "in", "text") in [row[:4] for row in expected["messages"]]
    random_source = random.Random(7)
    for _ in range(12):
        for model in (Message, Conversation, Identity, Contact, RawEvent, StrayEvent, Mark):
            model.objects.all().delete()
        events = CONVERSATION * random_source.choice((1, 2))
        random_source.shuffle(events)
        while events:
            size = random_source.randint(1, len(events))
            part, events = events[:size], events[size:]
            assert post_line(channel, line_body(*part)).status_code == 200
        assert state() == expected


@pytest.mark.django_db
def test_same_delivery_ten_times() -> None:
    channel = connect("line", LINE_BOT)
    post_line(channel, line_body(*CONVERSATION))
    expected = state()
    for _ in range(9):
        again = [{**event, "deliveryContext": {"isRedelivery": True}} for event in CONVERSATION]
        assert post_line(channel, line_body(*again)).status_code == 200
    assert state() == expected


@pytest.mark.django_db
def test_unsent_content_is_gone_everywhere() -> None:
    channel = connect("line", LINE_BOT)
    post_line(channel, line_body(line_event("Ua", "1", "สลิปลับ", at=MS)))
    post_line(channel, line_body(unsend("Ua", "1", at=MS + 1)))
    message = Message.objects.get()
    assert (message.text, message.attachments) == ("", [])
    assert message.unsent_at is not None
    assert Conversation.objects.get().last_preview == ""
    assert not RawEvent.objects.exists()


def _statements(post: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert post().status_code == 200
    return len(queries)


@pytest.mark.django_db
@pytest.mark.parametrize("known", [False, True])
def test_statements_do_not_grow_with_events(known: bool) -> None:
    channel = connect("line", LINE_BOT)
    post_line(channel, line_body())  # reads the secrets
    if known:
        post_line(channel, line_body(*[line_event(f"U{n}", f"first{n}") for n in range(1_020)]))
    counts = set()
    for size, start in ((1, 0), (10, 1), (1_000, 20)):
        events = [line_event(f"U{n}", f"m{known}{n}") for n in range(start, start + size)]
        counts.add(_statements(lambda events=events: post_line(channel, line_body(*events))))
    assert len(counts) == 1, counts
    assert max(counts) <= (3 if known else 22)  # known people: one, in the savepoint that the test's transaction needs


@pytest.mark.django_db
def test_entries_of_several_pages_in_one_delivery() -> None:
    connect("facebook", PAGE)
    connect("facebook", "2", name="Second")
    body = {
        "object": "page",
        "entry": [
            page_body(page_item("9", "m1"), page_item("8", "m2"))["entry"][0],
            page_body(page_item("9", "m3", page="2"), page="2")["entry"][0],
            page_body(page_item("9", "m4", page="3"), page="3")["entry"][0],
        ],
    }
    assert post_meta("facebook", body).status_code == 200
    assert sorted(Identity.objects.values_list("channel__external_id", "external_id")) == [
        (PAGE, "8"),
        (PAGE, "9"),
        ("2", "9"),
    ]
    assert Contact.objects.count() == 3  # a PSID belongs to one page: nobody is joined across pages
    assert StrayEvent.objects.get().account_id == "3"


@pytest.mark.django_db
@pytest.mark.parametrize(("scopes", "contacts"), [(("line:provider:p", "line:provider:p"), 1), (("", ""), 2)])
def test_one_person_under_two_line_accounts(scopes: tuple[str, str], contacts: int) -> None:
    first = connect("line", LINE_BOT, scope=scopes[0])
    second = connect("line", "U" + "c" * 32, scope=scopes[1])
    post_line(first, line_body(line_event("Ua", "1")))
    post_line(second, line_body(line_event("Ua", "2"), destination=second.external_id))
    assert (Contact.objects.count(), Identity.objects.count()) == (contacts, 2)
    if contacts == 1:
        assert Contact.objects.get().channel_ids == sorted([first.pk, second.pk])


@pytest.mark.django_db
def test_follow_makes_a_contact_only_where_switched_on() -> None:
    channel = connect("line", LINE_BOT)
    post_line(channel, line_body(follow("Ua", at=MS)))
    assert Contact.objects.count() == 0
    Channel.objects.update(follow_makes_contact=True)
    post_line(channel, line_body(follow("Ub", at=MS)))
    identity = Identity.objects.get()
    assert (identity.external_id, identity.follow_state) == ("Ub", "following")
    assert identity.contact.latest_contact_at is None  # a follow is no interaction (rule 3)
    post_line(channel, line_body(follow("Ub", at=MS + 5, kind="unfollow")))
    identity.refresh_from_db()
    assert identity.follow_state == "blocked"


def test_effective_time() -> None:
    now = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
    minute = dt.timedelta(minutes=1)
    assert effective_time(now - minute, now) == now - minute
    assert effective_time(now + 5 * minute, now) == now + 5 * minute
    assert effective_time(now + 6 * minute, now) == now
    assert effective_time(dt.datetime(2009, 12, 31, tzinfo=dt.UTC), now) == now
    assert effective_time(None, now) == now


def _post_all(jobs: list[Any]) -> list[int]:
    """Run the posts at once; answers the status codes."""
    codes: list[int] = []
    assert together(*(lambda job=job: codes.append(job().status_code) for job in jobs)) == []
    return codes


@pytest.mark.django_db(transaction=True)
def test_fifty_first_messages_of_one_person_at_once() -> None:
    channel = connect("line", LINE_BOT)
    jobs = [
        lambda n=n: post_line(channel, line_body(line_event("Ua", f"m{n}", at=MS + n)), client=Client())
        for n in range(50)
    ]
    assert _post_all(jobs) == [200] * 50
    assert (Contact.objects.count(), Identity.objects.count(), Message.objects.count()) == (1, 1, 50)
    assert Conversation.objects.get().unread == 50
    assert Contact.objects.get().latest_contact_at == Message.objects.latest("sent_at").sent_at


@pytest.mark.django_db(transaction=True)
def test_siblings_first_messages_at_once_are_one_contact() -> None:
    accounts = [connect("line", f"U{n}" + "d" * 31, scope="line:provider:p") for n in range(4)]
    jobs = [
        lambda n=n, a=accounts[n % 4]: post_line(
            a, line_body(line_event("Ua", f"m{n}"), destination=a.external_id), client=Client()
        )
        for n in range(24)
    ]
    assert _post_all(jobs) == [200] * 24
    assert (Contact.objects.count(), Identity.objects.count(), Message.objects.count()) == (1, 4, 24)


@pytest.mark.django_db(transaction=True)
def test_overlapping_batches_in_opposite_order_at_once() -> None:
    channel = connect("line", LINE_BOT)
    events = [line_event(f"U{n}", f"m{n}") for n in range(40)]
    jobs = [
        lambda: post_line(channel, line_body(*events)),
        lambda: post_line(channel, line_body(*events[::-1])),
    ] * 6
    assert _post_all(jobs) == [200] * 12
    assert (Contact.objects.count(), Message.objects.count()) == (40, 40)


@pytest.mark.django_db
def test_a_closed_chat_that_began_with_the_shop_opens_at_the_first_answer() -> None:
    connect("facebook", PAGE)
    echo = page_item(PAGE, "m1")
    echo["recipient"], echo["message"]["is_echo"] = {"id": "9001"}, True
    post_meta("facebook", page_body(echo))
    assert Conversation.objects.filter(last_in_at=None).update(status="closed") == 1
    post_meta("facebook", page_body(page_item("9001", "m2", at=MS + 1)))
    assert Conversation.objects.get().status == "open"


@pytest.mark.django_db
@pytest.mark.parametrize("error", [IntegrityError("quotes ความลับ"), ValueError("quotes ความลับ")])
def test_what_cannot_be_applied_is_kept_and_its_words_stay_out_of_the_log(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    channel = connect("line", LINE_BOT)

    def fail(**kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(delivery, "delivery_apply", fail)
    assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 200
    assert StrayEvent.objects.get().reason == "failed"
    assert type(error).__name__ in caplog.text
    assert "ความลับ" not in caplog.text
