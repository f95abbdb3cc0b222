"""Replies under concurrency: workers, echoes, double clicks, on connections of their own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels_ingest.outbound import message_send
from contacts.models import Contact
from contacts.services import Seen, interactions_roll_up
from inbox.ingest import Incoming, messages_store
from inbox.models import Conversation, Message
from inbox.outbound import Echo, echoes_fold
from inbox.replies import message_queue, message_retry
from saifa_crm.tests.threads import together

from .outbox import PATHS, accept, make_chat, queue, sandboxed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def platform(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    return sandboxed(httpserver, settings)


def echo_comes(chat: Conversation, message: Message, mid: str, *, nonce: bool) -> None:
    """As a delivery does it: the contact's lock, the fold where the echo carries a nonce, then the store."""
    with transaction.atomic():
        list(Contact.objects.select_for_update(no_key=True).filter(identities__conversation=chat))
        now = timezone.now()
        if nonce and message.retry_key is not None:
            echoes_fold(echoes={message.retry_key: Echo(chat.identity_id, mid, now)})
        incoming = Incoming(chat.identity_id, mid, "out", "text", message.text, now, now, now)
        if messages_store(messages=[incoming]).new:
            interactions_roll_up(seen={chat.identity_id: Seen(now, now)})


def answers_after(mid: str, meanwhile: Callable[[], object]) -> Callable[[Request], Response]:
    """The platform's answer is on its way when something else happens."""

    def answer(_request: Request) -> Response:
        assert together(meanwhile) == []
        return Response(json.dumps({"message_id": mid}), content_type="application/json")

    return answer


def replies(chat: Conversation) -> list[Message]:
    return list(Message.objects.filter(conversation=chat, direction="out").order_by("sent_at"))


def test_many_workers_send_a_message_once(platform: HTTPServer) -> None:
    for number in range(5):
        accept(platform, platform_id=f"mid.{number}")
        message = queue(make_chat(person=f"90{number}"))
        assert together(*[lambda: message_send(message_id=message.pk)] * 8) == []  # noqa: B023
        assert len(platform.log) == number + 1
        message.refresh_from_db()
        assert (message.delivery_state, message.platform_id) == ("sent", f"mid.{number}")


@pytest.mark.parametrize("nonce", [True, False])
def test_echo_before_the_answer_is_stored(platform: HTTPServer, nonce: bool) -> None:
    chat = make_chat()
    message = queue(chat)
    handler = answers_after("mid.1", lambda: echo_comes(chat, message, "mid.1", nonce=nonce))
    platform.expect_request(PATHS["facebook"]).respond_with_handler(handler)
    message_send(message_id=message.pk)
    (only,) = replies(chat)
    assert (only.pk, only.platform_id, only.delivery_state, only.sender) == (
        message.pk,
        "mid.1",
        "sent",
        message.sender,
    )
    assert only.platform_at is not None
    chat.refresh_from_db()
    latest = Contact.objects.get().latest_contact_at
    assert (chat.last_message_at, latest) == (only.sent_at, only.sent_at)
    assert only.sent_at == message.sent_at if nonce else only.sent_at > message.sent_at


def test_read_before_the_answer_is_stored(platform: HTTPServer) -> None:
    chat = make_chat()
    message = queue(chat)

    def folded_and_read() -> None:
        echo_comes(chat, message, "mid.1", nonce=True)
        Message.objects.filter(pk=message.pk).update(delivery_state="read")

    platform.expect_request(PATHS["facebook"]).respond_with_handler(answers_after("mid.1", folded_and_read))
    message_send(message_id=message.pk)
    message.refresh_from_db()
    assert (message.delivery_state, message.platform_id) == ("read", "mid.1")


@pytest.mark.parametrize("nonce", [True, False])
def test_echo_after_the_answer(platform: HTTPServer, nonce: bool) -> None:
    accept(platform)
    chat = make_chat()
    message = queue(chat)
    message_send(message_id=message.pk)
    echo_comes(chat, message, "mid.1", nonce=nonce)
    (only,) = replies(chat)
    assert (only.pk, only.sent_at) == (message.pk, message.sent_at)
    assert Contact.objects.get().latest_contact_at == message.sent_at


@pytest.mark.parametrize("nonce", [True, False])
def test_echo_and_answer_at_the_same_moment(platform: HTTPServer, nonce: bool) -> None:
    chat = make_chat()
    for number in range(12):
        mid = f"mid.{number}"
        accept(platform, platform_id=mid)
        message = queue(chat, f"message {number}")
        jobs = (
            lambda: message_send(message_id=message.pk),  # noqa: B023
            lambda: echo_comes(chat, message, mid, nonce=nonce),  # noqa: B023
            lambda: echo_comes(chat, message, mid, nonce=nonce),  # noqa: B023
        )
        assert together(*jobs) == []
        found = [(one.text, one.platform_id, one.delivery_state) for one in replies(chat)]
        assert found == [(f"message {k}", f"mid.{k}", "sent") for k in range(number + 1)]
    newest = replies(chat)[-1].sent_at
    assert Contact.objects.get().latest_contact_at == newest
    assert {one.sender.username for one in replies(chat) if one.sender} == {"fern"}


def test_a_form_sent_twice_at_once_is_one_message() -> None:
    chat = make_chat()
    sender = User.objects.create_user("mint")
    key = uuid.uuid4()

    def post() -> None:
        message_queue(conversation_id=chat.pk, text="once", sender=sender, request_key=key)

    assert together(*[post] * 6) == []
    assert len(replies(chat)) == 1


def test_retry_clicked_by_two(platform: HTTPServer) -> None:
    chat = make_chat()
    message = queue(chat)
    Message.objects.filter(pk=message.pk).update(delivery_state="failed", error="368", send_after=None)
    done: list[bool] = []

    def click() -> None:
        done.append(message_retry(conversation_id=chat.pk, message_id=message.pk))

    assert together(*[click] * 4) == []
    assert sorted(done) == [False, False, False, True]


def test_retried_while_the_first_answer_was_late(platform: HTTPServer) -> None:
    """Given up as uncertain, queued again by a person; then the first call's answer comes: nothing is sent twice."""
    chat = make_chat()
    message = queue(chat)

    def given_up_and_retried() -> None:
        Message.objects.filter(pk=message.pk).update(delivery_state="failed", error="uncertain", send_after=None)
        assert message_retry(conversation_id=chat.pk, message_id=message.pk)

    handler = answers_after("mid.1", given_up_and_retried)
    platform.expect_request(PATHS["facebook"]).respond_with_handler(handler)
    message_send(message_id=message.pk)
    message_send(message_id=message.pk)
    message.refresh_from_db()
    assert (message.delivery_state, message.platform_id, len(platform.log)) == ("sent", "mid.1", 1)


def test_erased_while_it_was_sent(platform: HTTPServer) -> None:
    chat = make_chat()
    message = queue(chat)
    handler = answers_after("mid.1", chat.delete)
    platform.expect_request(PATHS["facebook"]).respond_with_handler(handler)
    assert message_send(message_id=message.pk) is None
    assert not Message.objects.exists()
