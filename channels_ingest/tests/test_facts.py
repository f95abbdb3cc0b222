"""Facts beside messages: the same end in every order, split and repetition; kept for what is not here yet."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_ingest.delivery import delivery_apply
from channels_ingest.models import Mark, Notice, RawEvent, StrayEvent
from channels_ingest.platforms.events import (
    AnyEvent,
    ControlEvent,
    EditEvent,
    FollowEvent,
    HappeningEvent,
    MessageEvent,
    NoticeEvent,
    Origin,
    OriginEvent,
    ReactionEvent,
    ReceiptEvent,
    UnsendEvent,
)
from channels_ingest.settle import message_catch_up
from contacts.models import Activity, Channel, Contact, Identity
from inbox.models import Conversation, Message, ThreadControl

from .posts import PAGE, connect

START = dt.datetime(2026, 11, 1, 3, 0, tzinfo=dt.UTC)


def at(minutes: int) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def said(mid: str, text: str = "hello", *, minute: int = 0, direction: str = "in", **more: Any) -> MessageEvent:
    return MessageEvent(PAGE, {"mid": mid}, "p1", mid, "text", direction, at(minute), text, **more)


EVENTS: tuple[AnyEvent, ...] = (
    said("m1", "first words"),
    said("m2", "an answer", minute=2, direction="out"),
    said("m3", "taken back", minute=4),
    EditEvent(PAGE, {}, "p1", "m1", "second words", 1, at(5)),
    EditEvent(PAGE, {}, "p1", "m1", "third words", 2, at(6)),
    EditEvent(PAGE, {}, "p1", "m3", "never seen", 1, at(6)),
    ReactionEvent(PAGE, {}, "p1", "m2", "❤️", at(7)),
    ReactionEvent(PAGE, {}, "p1", "m2", "", at(8)),
    ReactionEvent(PAGE, {}, "p1", "m2", "👍", at(9)),
    UnsendEvent(PAGE, {}, "p1", "m3", at(10)),
    ReceiptEvent(PAGE, {}, "p1", "read", at(11), upto=at(3)),
    ReceiptEvent(PAGE, {}, "p1", "delivered", at(11), upto=at(2)),
    ReceiptEvent(PAGE, {}, "p1", "delivered", at(3), platform_id="m2"),
    ReceiptEvent(PAGE, {}, "p1", "sent", at(2), platform_id="m2"),
    OriginEvent(PAGE, {}, "p1", Origin("link", "autumn"), at(-5)),
    OriginEvent(PAGE, {}, "p1", Origin("ad", "22", "22", "Shoes"), at(3)),
    ControlEvent(PAGE, {}, "p1", False, at(12)),
    ControlEvent(PAGE, {}, "p1", True, at(20)),
    HappeningEvent(PAGE, {}, "p1", "h1", "account_linked", at(13)),
    FollowEvent(PAGE, {}, "p1", True, at(1)),
    FollowEvent(PAGE, {}, "p1", False, at(14)),
    NoticeEvent(PAGE, {}, "n1", "policy_enforcement", at(15), "block", True),
)


def state() -> dict[str, Any]:
    def rows(model: Any, *fields: str) -> list[Any]:
        return sorted(model.objects.values_list(*fields), key=repr)

    return {
        "contacts": rows(Contact, "first_contact_at", "latest_contact_at"),
        "identities": rows(
            Identity, "external_id", "follow_state", "last_seen_at", "origin_source", "origin_ref", "origin_at"
        ),
        "messages": rows(
            Message, "platform_id", "text", "unsent_at", "edited_at", "edit_number", "reaction", "reacted_at",
            "delivery_state",
        ),
        "conversations": rows(Conversation, "last_preview", "delivered_upto", "seen_upto", "unread"),
        "controls": rows(ThreadControl, "at", "ours"),
        "activities": rows(Activity, "verb", "after", "at"),
        "marks": rows(Mark, "kind", "platform_id", "at"),
        "notices": rows(Notice, "kind", "serious", "at"),
        "raw": rows(RawEvent, "platform_id"),
    }  # fmt: skip


def deliver(*events: AnyEvent) -> None:
    delivery_apply(platform="facebook", events=events, received_at=timezone.now())


def wipe() -> None:
    for model in (Mark, Notice, RawEvent, StrayEvent, Message, Conversation, Identity, Contact):
        model.objects.all().delete()


@pytest.fixture
def page(db: None) -> Channel:
    return connect("facebook", PAGE)


def test_what_each_fact_does(page: Channel) -> None:
    deliver(*EVENTS)
    first, answer, gone = Message.objects.order_by("sent_at")
    assert (first.text, first.edited_at, first.edit_number) == ("third words", at(6), 2)
    assert (answer.reaction, answer.reacted_at, answer.delivery_state) == ("👍", at(9), "delivered")
    assert (gone.text, gone.unsent_at, gone.edited_at) == ("", at(10), None)
    chat = Conversation.objects.get()
    assert (chat.delivered_upto, chat.seen_upto, chat.last_preview) == (at(2), at(3), "")
    identity = Identity.objects.get()
    assert (identity.origin_source, identity.origin_ref, identity.origin_at) == ("link", "autumn", at(-5))
    assert (identity.follow_state, identity.last_seen_at) == ("blocked", at(9))
    contact = Contact.objects.get()
    assert (contact.first_contact_at, contact.latest_contact_at) == (at(0), at(9))  # a reaction counts as contact
    assert list(ThreadControl.objects.order_by("at").values_list("at", "ours")) == [(at(12), False), (at(20), True)]
    verbs = list(Activity.objects.order_by("at").values_list("verb", "after"))
    assert verbs == [("platform_came", "autumn"), ("platform_came", "Shoes"), ("platform_account_linked", "")]
    assert set(Mark.objects.values_list("kind", flat=True)) == {"follow", "unsend"}
    assert Notice.objects.get().serious
    assert not RawEvent.objects.filter(platform_id="m3").exists()


def test_same_state_in_any_order_split_and_repetition(page: Channel) -> None:
    deliver(*EVENTS)
    wanted = state()
    dice = random.Random(2026)
    for _ in range(40):
        wipe()
        events = [*EVENTS, *dice.sample(EVENTS, 8)]
        dice.shuffle(events)
        cuts = sorted(dice.sample(range(1, len(events)), dice.randrange(6)))
        for start, end in itertools.pairwise([0, *cuts, len(events)]):
            deliver(*events[start:end])
        assert state() == wanted


def test_one_by_one_backwards(page: Channel) -> None:
    deliver(*EVENTS)
    wanted = state()
    wipe()
    for event in reversed(EVENTS):
        deliver(event)
    assert state() == wanted


def test_nothing_told_makes_a_contact(page: Channel) -> None:
    deliver(*[event for event in EVENTS if not isinstance(event, MessageEvent)])
    assert not Contact.objects.exists()
    assert Mark.objects.count() > 8


def test_words_taken_back_are_not_kept_for_later(page: Channel) -> None:
    unsend, edit = UnsendEvent(PAGE, {}, "p9", "m9", at(3)), EditEvent(PAGE, {}, "p9", "m9", "secret", 1, at(2))
    for events in ((unsend, edit), (edit, unsend)):
        Mark.objects.all().delete()
        for event in events:
            deliver(event)
        assert list(Mark.objects.values_list("kind", flat=True)) == ["unsend"]


def test_statements_do_not_grow_with_the_facts(page: Channel) -> None:
    def facts(start: int, count: int) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        for number in range(start, start + count):
            mid = f"n{number}"
            events += [
                said(mid, minute=number % 50),
                EditEvent(PAGE, {}, "p1", mid, "new", 1, at(60)),
                ReactionEvent(PAGE, {}, "p1", mid, "❤️", at(61)),
                ReactionEvent(PAGE, {}, "p1", f"unknown{number}", "❤️", at(61)),
                ReceiptEvent(PAGE, {}, "p1", "read", at(62), platform_id=mid),
                HappeningEvent(PAGE, {}, "p1", f"h{number}", "beacon", at(63)),
            ]
        return events

    deliver(*facts(0, 1))
    counts = []
    for start, count in ((10, 1), (100, 10), (1000, 170)):  # 6, 60 and 1,020 events
        with CaptureQueriesContext(
            connection,
        ) as queries:
            deliver(*facts(start, count))
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


def test_an_unsend_reaches_strays_of_an_account_that_is_not_connected(db: None) -> None:
    message, unsend = said("m1", "private"), UnsendEvent(PAGE, {"gone": 1}, "p1", "m1", at(3))
    for order in ((message, unsend), (unsend, message), (message, unsend, message)):
        StrayEvent.objects.all().delete()
        for event in order:
            deliver(event)
        assert list(StrayEvent.objects.values_list("kind", flat=True)) == ["UnsendEvent"]


def test_a_receipt_that_overtakes_the_answer_of_a_send(page: Channel) -> None:
    deliver(said("m1"))
    reply = Message.objects.create(
        conversation=Conversation.objects.get(), direction="out", text="hi", sent_at=at(1), delivery_state="sent"
    )
    deliver(ReceiptEvent(PAGE, {}, "p1", "read", at(2), platform_id="m2"))
    Message.objects.filter(pk=reply.pk).update(platform_id="m2")
    message_catch_up(channel=page, person_id="p1", platform_id="m2")
    reply.refresh_from_db()
    assert reply.delivery_state == "read"
    assert not Mark.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "told", [FollowEvent(PAGE, {}, "p1", True, at(2)), ReactionEvent(PAGE, {}, "p1", "m1", "❤️", at(3))]
)
def test_a_first_message_waits_for_a_fact_told_at_the_same_moment(told: AnyEvent) -> None:
    connect("facebook", PAGE)

    def write() -> None:
        deliver(said("m1"))
        connections.close_all()

    message = threading.Thread(target=write)
    with transaction.atomic():
        deliver(told)
        message.start()
        while message.is_alive() and not somebody_waits():
            message.join(0.01)
    message.join()
    assert Identity.objects.get().follow_state == "following" or Message.objects.get().reaction == "❤️"


def somebody_waits() -> bool:
    """Whether a session waits for an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])
