"""Echoes of replies sent from here, through the real webhook: before the answer, after it, doubled, torn apart."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer

from channels_ingest.models import Mark
from channels_ingest.outbound import message_send
from contacts.models import Contact
from inbox.models import Conversation, Message

from .outbox import accept, gateway_error, make_chat, make_due, queue, sandboxed, send
from .posts import IG, PAGE, page_body, page_item, post_meta

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    return sandboxed(httpserver, settings)


def echo(mid: str, text: str = "พร้อมส่งค่ะ", *, account: str = PAGE, person: str = "9001", **message: Any) -> Any:
    """As Meta sends it: sender and recipient swapped, our nonce in the metadata."""
    item = page_item(account, mid, text, at=int(timezone.now().timestamp() * 1000), page=person)
    item["message"] |= {"is_echo": True, "app_id": 1234, **message}
    return item


def come(*items: Any, name: str = "facebook") -> None:
    body = page_body(*items) if name == "facebook" else page_body(*items, page=IG, object="instagram")
    assert post_meta(name, body).status_code == 200


def replies(chat: Conversation) -> list[Message]:
    return list(Message.objects.filter(conversation=chat, direction="out").order_by("sent_at", "pk"))


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_echo_first_then_the_answer(platform: HTTPServer, name: str) -> None:
    chat = make_chat(name)
    message = queue(chat)
    come(echo("mid.1", account=PAGE if name == "facebook" else IG, metadata=str(message.retry_key)), name=name)
    (only,) = replies(chat)
    assert (only.pk, only.platform_id, only.delivery_state, only.error) == (message.pk, "mid.1", "sent", "")
    assert only.platform_at is not None and only.platform_at >= message.sent_at.replace(microsecond=0)
    assert message_send(message_id=message.pk) is None
    assert platform.log == []  # it has gone out already, by a worker that died after the call
    assert Contact.objects.get().latest_contact_at == message.sent_at


def test_echo_settles_what_went_unanswered(platform: HTTPServer) -> None:
    chat = make_chat()
    message = queue(chat)
    gateway_error(platform)
    send(message)
    come(echo("mid.1", metadata=str(message.retry_key)))
    message.refresh_from_db()
    assert (message.delivery_state, message.platform_id, message.error) == ("sent", "mid.1", "")
    assert len(replies(chat)) == 1


def test_late_echo_of_what_was_given_up(platform: HTTPServer) -> None:
    chat = make_chat()
    message = queue(chat)
    gateway_error(platform)
    send(message)
    make_due(message)
    assert send(message).delivery_state == "failed"
    come(echo("mid.1", metadata=str(message.retry_key)))
    message.refresh_from_db()
    assert (message.delivery_state, message.error, len(replies(chat))) == ("sent", "", 1)


@pytest.mark.parametrize("metadata", [True, False])
def test_answer_first_then_the_echo_twice(platform: HTTPServer, metadata: bool) -> None:
    accept(platform)
    chat = make_chat()
    message = send(queue(chat))
    for _ in range(2):
        come(echo("mid.1", **({"metadata": str(message.retry_key)} if metadata else {})))
    (only,) = replies(chat)
    assert (only.pk, only.sent_at, only.delivery_state) == (message.pk, message.sent_at, "sent")
    assert Contact.objects.get().latest_contact_at == message.sent_at


def test_echo_without_metadata_first(platform: HTTPServer) -> None:
    accept(platform)
    chat = make_chat()
    message = queue(chat)
    come(echo("mid.1"))
    assert len(replies(chat)) == 2
    send(message)
    (only,) = replies(chat)
    assert (only.pk, only.platform_id) == (message.pk, "mid.1")
    chat.refresh_from_db()
    assert chat.last_message_at == only.sent_at == Contact.objects.get().latest_contact_at


@pytest.mark.parametrize("metadata", ["3f2b0c58-7d1e-4a55-9c9e-5a3f00000001", "campaign-7", "", "x" * 5000])
def test_echoes_of_other_apps_are_messages(metadata: str) -> None:
    chat = make_chat()
    message = queue(chat)
    come(echo("mid.1", "from a bot", metadata=metadata))
    assert [one.platform_id for one in replies(chat)] == [None, "mid.1"]
    message.refresh_from_db()
    assert message.delivery_state == "queued"


def test_another_chats_nonce_settles_nothing() -> None:
    chat, other = make_chat(), make_chat(person="9002")
    message = queue(chat)
    come(echo("mid.1", person="9002", metadata=str(message.retry_key)))
    message.refresh_from_db()
    assert (message.delivery_state, len(replies(other))) == ("queued", 1)


def test_two_sent_under_one_nonce_are_two() -> None:
    """Retried after a time-out that had gone out: the customer has both, and so has the chat."""
    chat = make_chat()
    message = queue(chat)
    come(*(echo(mid, metadata=str(message.retry_key)) for mid in ("mid.1", "mid.2")))
    come(echo("mid.3", metadata=str(message.retry_key)))
    assert {one.platform_id for one in replies(chat)} == {"mid.1", "mid.2", "mid.3"}
    message.refresh_from_db()
    assert message.platform_id == "mid.1"


def test_read_and_taken_back_in_the_delivery_of_the_echo() -> None:
    chat = make_chat()
    message = queue(chat)
    taken_back = echo("mid.1", metadata=str(message.retry_key))
    gone = echo("mid.1", is_deleted=True)
    come(taken_back, gone)
    (only,) = replies(chat)
    assert (only.pk, only.text, only.delivery_state) == (message.pk, "", "sent")
    assert only.unsent_at is not None


def test_taken_back_before_its_echo() -> None:
    chat = make_chat()
    message = queue(chat)
    come(echo("mid.1", is_deleted=True))
    come(echo("mid.1", metadata=str(message.retry_key)))
    (only,) = replies(chat)
    assert (only.pk, only.text, only.unsent_at is not None) == (message.pk, "", True)
    assert Mark.objects.filter(kind="unsend").count() == 1


def test_folding_costs_one_statement_however_many() -> None:
    chat = make_chat()

    def cost(count: int) -> int:
        messages = [queue(chat, f"{count}-{number}") for number in range(count)]
        items = [echo(f"mid.{one.pk}", one.text, metadata=str(one.retry_key)) for one in messages]
        with CaptureQueriesContext(connection) as queries:
            come(*items)
        assert not Message.objects.filter(platform_id=None).exists()
        return len(queries)

    cost(1)  # the first post reads the secrets
    assert cost(2) == cost(50)
