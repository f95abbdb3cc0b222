"""A queued reply and all that a platform can make of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone
from pytest_httpserver import HTTPServer

from channels_ingest import tasks
from channels_ingest.models import Connection, ConnectionState, Mark
from channels_ingest.outbound import CALL_LEASE, ECHO_WAIT, GIVE_UP_AFTER, message_send
from channels_ingest.services_connect import connection_disconnect
from inbox.carriers import Reason, carrier
from inbox.models import Conversation, DeliveryState, Message
from inbox.outbound import UNCERTAIN, message_claim, messages_due
from inbox.replies import message_retry
from saifa_crm.lib.redis_client import client, key

from .outbox import accept, gateway_error, make_chat, make_due, queue, refuse, sandboxed, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    return sandboxed(httpserver, settings)


def state(message: Message) -> tuple[str, str, str | None]:
    message.refresh_from_db()
    return (message.delivery_state, message.error, message.platform_id)


@pytest.mark.parametrize("name", ["facebook", "instagram", "line"])
def test_sent(platform: HTTPServer, name: str) -> None:
    accept(platform, name, "mid.1")
    message = queue(make_chat(name))
    assert state(send(message)) == ("sent", "", "mid.1")
    assert (message.send_after, message.send_tries) == (None, 1)
    (request, _), *rest = platform.log
    assert rest == []
    words = request.json["messages"][0] if name == "line" else request.json["message"]
    nonce = request.headers["X-Line-Retry-Key"] if name == "line" else words["metadata"]
    assert (words["text"], nonce) == ("พร้อมส่งค่ะ", str(message.retry_key))


def test_sent_once(platform: HTTPServer) -> None:
    accept(platform)
    message = send(queue(make_chat()))
    send(message)
    assert len(platform.log) == 1


@pytest.mark.parametrize(
    ("code", "sub", "status", "reason"),
    [
        (10, 2018278, 400, Reason.WINDOW),
        (551, 1545041, 400, Reason.BLOCKED),
        (100, 2018001, 400, Reason.GONE),
        (100, 2534037, 400, Reason.CONTROL),
        (368, 0, 403, Reason.POLICY),
        (200, 0, 403, Reason.PERMISSION),
        (100, 2018320, 400, Reason.REFUSED),
    ],
)
def test_refused_for_good(platform: HTTPServer, code: int, sub: int, status: int, reason: Reason) -> None:
    refuse(platform, code, sub, status)
    message = send(queue(make_chat()))
    assert state(message) == ("failed", f"{code}/{sub}" if sub else str(code), None)
    assert carrier().reason("facebook", message.error) == reason
    assert messages_due(limit=10) == []


def test_month_used_up(platform: HTTPServer) -> None:
    answer = {"message": "You have reached your monthly limit."}
    platform.expect_request("/v2/bot/message/push").respond_with_json(answer, status=429)
    assert state(send(queue(make_chat("line")))) == ("failed", Reason.QUOTA, None)


def test_dead_token_marks_the_channel_and_burns_no_more_tries(platform: HTTPServer) -> None:
    refuse(platform, 190, 463, 401)
    chat = make_chat()
    first, second = queue(chat, "one"), queue(chat, "two")
    assert message_send(message_id=first.pk) == second.pk
    assert state(first) == ("failed", Reason.RECONNECT, None)
    assert Connection.objects.get().state == ConnectionState.RECONNECT
    assert state(send(second)) == ("failed", Reason.RECONNECT, None)
    assert len(platform.log) == 1


def test_disconnected_meanwhile(platform: HTTPServer) -> None:
    message = queue(make_chat())
    connection_disconnect(connection_id=Connection.objects.get().pk)
    assert state(send(message)) == ("failed", Reason.DISCONNECTED, None)
    assert platform.log == []


def test_busy_platform_is_asked_again_later_each_time_and_not_for_ever(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/message/push").respond_with_json({"message": "busy"}, status=500)
    message = queue(make_chat("line"))
    waits = []
    for _ in range(3):
        before = timezone.now()
        assert state(send(message)) == ("queued", "500", None)
        assert message.send_after is not None
        waits.append((message.send_after - before).total_seconds())
        send(message)  # before its time
        make_due(message)
    assert waits == sorted(waits) and waits[2] > 2 * waits[0]
    assert (len(platform.log), message.send_tries) == (3, 3)
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now() - GIVE_UP_AFTER)
    assert state(send(message)) == ("failed", Reason.UNAVAILABLE, None)


def test_wait_that_the_platform_names(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/message/push").respond_with_json({}, status=429, headers={"Retry-After": "600"})
    before = timezone.now()
    message = send(queue(make_chat("line")))
    assert message.send_after is not None
    assert message.send_after - before > dt.timedelta(seconds=599)


def test_no_answer_from_meta_is_never_repeated(platform: HTTPServer) -> None:
    gateway_error(platform)
    message = queue(make_chat())
    assert state(send(message)) == ("queued", UNCERTAIN, None)
    assert message.send_after is not None and message.send_after > timezone.now() + ECHO_WAIT / 2
    send(message)
    make_due(message)  # and no echo came
    assert state(send(message)) == ("failed", UNCERTAIN, None)
    assert len(platform.log) == 1


def test_no_answer_from_line_is_repeated_with_the_same_key(platform: HTTPServer) -> None:
    gateway_error(platform, "line")
    answer = {"message": "The retry key is already accepted", "sentMessages": [{"id": "590"}]}
    platform.expect_oneshot_request("/v2/bot/message/push").respond_with_json(answer, status=409)
    message = send(queue(make_chat("line")))
    assert message.delivery_state == DeliveryState.QUEUED
    make_due(message)
    assert state(send(message)) == ("sent", "", "590")
    assert len({request.headers["X-Line-Retry-Key"] for request, _ in platform.log}) == 1


@pytest.mark.parametrize(("name", "calls", "outcome"), [("facebook", 0, "failed"), ("line", 1, "sent")])
def test_worker_that_dies_in_the_call(platform: HTTPServer, name: str, calls: int, outcome: str) -> None:
    """Claimed and committed, then nothing: as after a kill, whether the call went out or not."""
    accept(platform, name)
    message = queue(make_chat(name))
    repeatable = None if name == "facebook" else dt.timedelta(hours=23)
    assert message_claim(message_id=message.pk, lease=CALL_LEASE, repeatable=repeatable)
    send(message)
    assert (platform.log, messages_due(limit=10)) == ([], [])  # somebody may be at it
    make_due(message)
    assert messages_due(limit=10) == [(message.pk, 1)]
    assert send(message).delivery_state == outcome
    assert len(platform.log) == calls


def test_line_key_too_old_to_repeat(platform: HTTPServer) -> None:
    message = queue(make_chat("line"))
    assert message_claim(message_id=message.pk, lease=CALL_LEASE, repeatable=dt.timedelta(hours=23))
    Message.objects.update(sent_at=timezone.now() - dt.timedelta(hours=24))
    make_due(message)
    assert state(send(message)) == ("failed", UNCERTAIN, None)
    assert platform.log == []


def test_replies_of_a_chat_go_out_in_their_order(platform: HTTPServer) -> None:
    chat, other = make_chat(), make_chat(person="9002")
    first, second, third = queue(chat, "one"), queue(chat, "two"), queue(other, "another chat")
    send(second)
    assert platform.log == []
    assert {pk for pk, _ in messages_due(limit=10)} == {first.pk, third.pk}
    gateway_error(platform)
    assert message_send(message_id=first.pk) is None  # it may have gone out: the second waits
    assert {pk for pk, _ in messages_due(limit=10)} == {third.pk}
    make_due(first)
    assert message_send(message_id=first.pk) is None  # given up
    accept(platform)
    assert state(send(second)) == ("sent", "", "mid.1")
    accept(platform, platform_id="mid.2")
    assert state(send(third)) == ("sent", "", "mid.2")


def test_one_settled_brings_the_next(platform: HTTPServer) -> None:
    chat = make_chat()
    first, second = queue(chat, "one"), queue(chat, "two")
    accept(platform, platform_id="mid.1")
    assert message_send(message_id=first.pk) == second.pk
    accept(platform, platform_id="mid.2")
    assert message_send(message_id=second.pk) is None
    assert [request.json["message"]["text"] for request, _ in platform.log] == ["one", "two"]


def test_queueing_enqueues_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks.message_send, "delay", lambda *args: queued.append(args))
    with TestCase.captureOnCommitCallbacks(execute=True):
        message = queue(make_chat())
        assert queued == []
    assert queued == [(message.pk,)]


def test_sweep_finds_what_redis_forgot_and_does_not_queue_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks.message_send, "delay", lambda *args: queued.append(args))
    message = queue(make_chat())
    client().delete(key(f"outbound:{message.pk}:0"))
    tasks.sweep_outbound()
    tasks.sweep_outbound()
    assert queued == [(message.pk,)]
    Message.objects.update(send_tries=1)  # another try is another task
    client().delete(key(f"outbound:{message.pk}:1"))
    tasks.sweep_outbound()
    assert len(queued) == 2


def test_what_was_told_before_the_answer_was_here(platform: HTTPServer) -> None:
    """A receipt and an unsend of an id nobody knew yet waited as marks (rule 11: content goes then too)."""
    chat = make_chat()
    one, two = queue(chat, "one"), queue(chat, "two")
    channel_id, now = chat.identity.channel_id, timezone.now()
    about = {"channel_id": channel_id, "person_id": "9001", "at": now}
    Mark.objects.create(platform_id="mid.1", kind="receipt", rank=4, value={"state": "read", "error": ""}, **about)
    Mark.objects.create(platform_id="mid.2", kind="unsend", **about)
    for message, mid in ((one, "mid.1"), (two, "mid.2")):
        accept(platform, platform_id=mid)
        send(message)
    assert state(one) == ("read", "", "mid.1")
    assert (two.text, two.unsent_at) == ("", now)
    assert list(Mark.objects.values_list("kind", flat=True)) == ["unsend"]  # which stays for good
    assert Conversation.objects.get().last_preview == ""


def test_retry_keeps_the_key_and_moves_to_now(platform: HTTPServer) -> None:
    refuse(platform, 368, 0, 403)
    message = send(queue(make_chat()))
    key, at = message.retry_key, message.sent_at
    assert message_retry(conversation_id=message.conversation_id, message_id=message.pk)
    assert not message_retry(conversation_id=message.conversation_id, message_id=message.pk)  # clicked twice
    message.refresh_from_db()
    assert (message.retry_key, message.delivery_state, message.error) == (key, "queued", "")
    assert message.sent_at > at
    accept(platform)
    assert state(send(message)) == ("sent", "", "mid.1")


def test_retry_of_what_the_platform_took_and_failed_is_a_new_message(platform: HTTPServer) -> None:
    accept(platform)
    message = send(queue(make_chat()))
    key = message.retry_key
    Message.objects.filter(pk=message.pk).update(delivery_state="failed", error="131026")
    assert message_retry(conversation_id=message.conversation_id, message_id=message.pk)
    message.refresh_from_db()
    assert message.platform_id is None and message.retry_key != key
    accept(platform, platform_id="mid.2")
    assert state(send(message)) == ("sent", "", "mid.2")


def test_an_id_the_platform_gave_to_another_message_is_not_taken(platform: HTTPServer) -> None:
    accept(platform, platform_id="in-9001")
    chat = make_chat()
    assert state(send(queue(chat))) == ("sent", "", None)
    assert Message.objects.filter(conversation=chat, direction="in").count() == 1
