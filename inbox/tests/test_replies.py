"""Replies: what is queued, what is refused and with which words, who may, and what a page costs."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_ingest.models import Connection, ConnectionState
from contacts.models import Contact, FollowState, Identity
from inbox import carriers, replies
from inbox.carriers import Reason, carrier
from inbox.models import Conversation, Direction, Message

from .factories import make_channel, make_conversation, make_message, minutes_ago

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
HOUR = dt.timedelta(hours=1)


def chat_on(platform: str = "facebook", *, wrote: dt.datetime | None = None, **fields: Any) -> Conversation:
    """A chat of a connected channel, in which the customer wrote just now."""
    chat = make_conversation(channel=make_channel(platform=platform), **fields)
    Connection.objects.create(channel=chat.identity.channel, state=ConnectionState.CONNECTED)
    make_message(chat, "Is it in stock?", at=wrote or minutes_ago(5))
    return chat


def queued() -> list[Message]:
    return list(Message.objects.filter(direction=Direction.OUT).order_by("pk"))


def test_queued(agent: User) -> None:
    chat = chat_on()
    before = timezone.now()
    message = replies.message_queue(conversation_id=chat.pk, text="  Yes,\r\nit is\x00 \n", sender=agent)
    assert (message.text, message.direction, message.delivery_state) == ("Yes,\nit is�", "out", "queued")
    assert (message.platform_id, message.sender, message.send_tries) == (None, agent, 0)
    assert message.retry_key is not None and before <= message.sent_at <= timezone.now()
    chat.refresh_from_db()
    assert (chat.last_message_at, chat.last_direction, chat.last_preview) == (message.sent_at, "out", message.text)
    assert (chat.unread, chat.status) == (0, "open")
    assert Contact.objects.get().latest_contact_at == Identity.objects.get().last_seen_at == message.sent_at


def test_closed_stays_closed(agent: User) -> None:
    chat = chat_on(status="closed")
    replies.message_queue(conversation_id=chat.pk, text="One more thing", sender=agent)
    chat.refresh_from_db()
    assert (chat.status, chat.unread) == ("closed", 0)


def test_what_came_after_the_page_was_shown_stays_unread(agent: User) -> None:
    chat = chat_on()
    shown = chat.last_in_at
    make_message(chat, "And in red?", at=minutes_ago(1))
    replies.message_queue(conversation_id=chat.pk, text="Yes", sender=agent, seen_upto=shown)
    chat.refresh_from_db()
    assert (chat.unread, chat.read_at) == (1, shown)


def test_the_same_form_twice_is_one_message_and_other_words_are_another(agent: User, owner: User) -> None:
    chat, other = chat_on(), chat_on("line")
    key = uuid.uuid4()
    first = replies.message_queue(conversation_id=chat.pk, text="Yes", sender=agent, request_key=key)
    again = replies.message_queue(conversation_id=chat.pk, text=" Yes ", sender=agent, request_key=key)
    assert first == again
    replies.message_queue(conversation_id=chat.pk, text="Yes, in red too", sender=agent, request_key=key)
    replies.message_queue(conversation_id=chat.pk, text="Yes", sender=owner, request_key=key)
    replies.message_queue(conversation_id=other.pk, text="Yes", sender=agent, request_key=key)
    assert len(queued()) == 4


LENGTHS = [
    ("facebook", "ก" * 2000, 0),
    ("facebook", "😀" * 2000, 0),
    ("facebook", "x" * 2001, 1),
    ("instagram", "ก" * 333, 0),
    ("instagram", "ก" * 334, 2),
    ("line", "😀" * 2500, 0),
    ("line", "😀" * 2501, 2),
]


@pytest.mark.parametrize(("platform", "text", "over"), LENGTHS)
def test_length_as_the_platform_counts_it(agent: User, platform: str, text: str, over: int) -> None:
    chat = chat_on(platform)
    if not over:
        assert replies.message_queue(conversation_id=chat.pk, text=text, sender=agent).pk
        return
    with pytest.raises(replies.ReplyRefused) as refused:
        replies.message_queue(conversation_id=chat.pk, text=text, sender=agent)
    assert (refused.value.reason, refused.value.over) == (Reason.TOO_LONG, over)


def close(chat: Conversation, reason: Reason) -> None:
    """Make it so that nothing can be sent."""
    connections = Connection.objects.filter(channel=chat.identity.channel)
    if reason == Reason.WINDOW:
        Conversation.objects.filter(pk=chat.pk).update(last_in_at=timezone.now() - 24 * HOUR)
    elif reason == Reason.BLOCKED:
        Identity.objects.update(follow_state=FollowState.BLOCKED, follow_changed_at=timezone.now())
    else:
        connections.update(state="disconnected" if reason == Reason.DISCONNECTED else "reconnect")


CLOSED = [Reason.WINDOW, Reason.BLOCKED, Reason.DISCONNECTED, Reason.RECONNECT]


@pytest.mark.parametrize("reason", CLOSED)
def test_closed_chats_take_nothing_and_say_why(agent_client: Client, reason: Reason) -> None:
    chat = chat_on()
    close(chat, reason)
    page = agent_client.get(f"/inbox/{chat.pk}/").content.decode()
    box = page[page.index('id="composer"') :]
    assert " readonly" in box and " disabled" in box and "data-closed" in box and 'class="standing bad"' in box
    answer = agent_client.post(f"/inbox/{chat.pk}/reply/", {"text": "Hello"}, headers=HTMX)
    assert answer.status_code == 422
    assert ">\nHello</textarea>" in answer.content.decode()
    assert queued() == []


def test_somebody_who_wrote_after_blocking_has_come_back() -> None:
    chat = chat_on("line")
    Identity.objects.update(follow_state=FollowState.BLOCKED, follow_changed_at=minutes_ago(60))
    chat.identity.refresh_from_db()
    assert carrier().terms(chat).closed is None


def test_without_a_carrier_nothing_is_sent(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "_registered", [])
    with pytest.raises(replies.ReplyRefused):
        replies.message_queue(conversation_id=chat_on().pk, text="Hello", sender=agent)
    assert carrier().reason("line", "x") == Reason.REFUSED
    carrier().enqueue(1)


REFUSALS = [
    ({"text": ""}, "Write a message first."),
    ({"text": " \n "}, "Write a message first."),
    ({}, "Write a message first."),
    ({"text": "x" * 2003}, "Too long for Messenger by 3."),
]


@pytest.mark.parametrize(("data", "words"), REFUSALS)
def test_refused_beside_the_box_with_the_text_kept(agent_client: Client, data: dict[str, str], words: str) -> None:
    chat = chat_on()
    for headers in (HTMX, {}):
        answer = agent_client.post(f"/inbox/{chat.pk}/reply/", data, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page[page.index('id="reply-error"') :].split("</p>")[0]
        assert f">\n{data.get('text', '')}</textarea>" in page
        assert 'aria-invalid="true"' in page and ("<html" in page) == (not headers)
    assert queued() == []


def test_files_are_refused_and_the_text_is_kept(agent_client: Client) -> None:
    chat = chat_on()
    data = {"text": "Here is the list", "files": SimpleUploadedFile("list.pdf", b"%PDF-")}
    answer = agent_client.post(f"/inbox/{chat.pk}/reply/", data)
    assert answer.status_code == 422
    assert "Files cannot be sent from here yet." in answer.content.decode()
    assert ">\nHere is the list</textarea>" in answer.content.decode()
    assert queued() == []


def test_posted(agent_client: Client, agent: User) -> None:
    chat = chat_on()
    answer = agent_client.post(f"/inbox/{chat.pk}/reply/", {"text": "Yes <b>it</b> is", "back": "?box=unread"})
    assert (answer.status_code, answer["Location"]) == (302, f"/inbox/{chat.pk}/?box=unread")
    page = agent_client.get(answer["Location"]).content.decode()
    assert "Yes &lt;b&gt;it&lt;/b&gt; is" in page and "Sending…" in page
    answer = agent_client.post(f"/inbox/{chat.pk}/reply/", {"text": "And cheap"}, headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "inbox:changed")
    assert ">\n</textarea>" in answer.content.decode()
    assert [one.text for one in queued()] == ["Yes <b>it</b> is", "And cheap"]
    assert {one.sender for one in queued()} == {agent}


def test_the_form_of_a_page_posted_twice(agent_client: Client) -> None:
    chat = chat_on()
    page = agent_client.get(f"/inbox/{chat.pk}/").content.decode()
    data = dict(re.findall(r'name="(request_key|upto)" value="([^"]+)"', page[page.index('id="composer"') :]))
    assert set(data) == {"request_key", "upto"}
    for _ in range(2):
        assert agent_client.post(f"/inbox/{chat.pk}/reply/", {**data, "text": "Yes"}).status_code == 302
    assert len(queued()) == 1
    odd = {"request_key": "1", "upto": "soon", "text": "Sure", "back": "//evil.example"}
    assert agent_client.post(f"/inbox/{chat.pk}/reply/", odd)["Location"] == f"/inbox/{chat.pk}/"


def test_who_may(agent_client: Client, marketer_client: Client, owner_client: Client, client: Client) -> None:
    chat = chat_on()
    failed = make_message(chat, "x", direction="out", delivery_state="failed", error="368", retry_key=uuid.uuid4())
    for path in (f"/inbox/{chat.pk}/reply/", f"/inbox/{chat.pk}/messages/{failed.pk}/retry/"):
        assert marketer_client.post(path, {"text": "Hi"}).status_code == 403
        assert client.post(path, {"text": "Hi"}).status_code == 302
        assert agent_client.get(path).status_code == 405
    assert (queued(), failed.delivery_state) == ([failed], "failed")
    assert owner_client.post(f"/inbox/{chat.pk}/reply/", {"text": "Hi"})["Location"] == f"/inbox/{chat.pk}/"
    assert agent_client.post("/inbox/999999/reply/", {"text": "Hi"}).status_code == 404
    page = marketer_client.get(f"/inbox/{chat.pk}/").content.decode()
    assert "data-composer" not in page and "/retry/" not in page and "Agents and owners answer them." in page


def test_failed_says_why_and_can_be_tried_again(agent_client: Client) -> None:
    chat = chat_on()
    message = make_message(chat, "Yes", direction="out", delivery_state="failed", error="10/2018278")
    Message.objects.filter(pk=message.pk).update(retry_key=uuid.uuid4(), platform_id=None)
    page = agent_client.get(f"/inbox/{chat.pk}/").content.decode()
    assert "Not sent: the reply window was closed." in page and ">Retry</button>" in page and "bub-fail" in page
    answer = agent_client.post(f"/inbox/{chat.pk}/messages/{message.pk}/retry/", headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"]) == (204, "inbox:changed")
    message.refresh_from_db()
    assert (message.delivery_state, message.error) == ("queued", "")
    other = chat_on()
    Message.objects.update(delivery_state="failed")
    agent_client.post(f"/inbox/{other.pk}/messages/{message.pk}/retry/")
    message.refresh_from_db()
    assert message.delivery_state == "failed"  # of another chat


def test_retry_that_cannot_help_says_what_is_in_the_way(agent_client: Client) -> None:
    chat = chat_on(wrote=timezone.now() - 25 * HOUR)
    message = make_message(chat, "Yes", direction="out", delivery_state="failed", error="uncertain")
    Message.objects.filter(pk=message.pk).update(retry_key=uuid.uuid4(), platform_id=None)
    page = agent_client.get(f"/inbox/{chat.pk}/").content.decode()
    assert "it may have arrived. Check Meta Business Suite" in page and ">Send again</button>" in page
    answer = agent_client.post(f"/inbox/{chat.pk}/messages/{message.pk}/retry/", {"back": "?box=unread"})
    assert answer["Location"] == f"/inbox/{chat.pk}/?box=unread"
    message.refresh_from_db()
    assert (message.delivery_state, message.error) == ("failed", Reason.WINDOW)


def test_what_was_not_sent_from_here_has_no_retry(agent_client: Client) -> None:
    chat = chat_on()
    make_message(chat, "Yes", direction="out", delivery_state="failed", error="131047")
    assert "/retry/" not in agent_client.get(f"/inbox/{chat.pk}/").content.decode()


def test_a_chat_costs_the_same_however_many_replies(agent_client: Client, agent: User) -> None:
    chat = chat_on()

    def cost(path: str, **headers: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert agent_client.get(path, headers=headers).status_code == 200
        return len(queries)

    since = f"/inbox/{chat.pk}/?since=0_0"
    cost(f"/inbox/{chat.pk}/")  # from here on what every page shows is kept
    before = cost(f"/inbox/{chat.pk}/"), cost(since, **HTMX)
    for number in range(20):
        replies.message_queue(conversation_id=chat.pk, text=f"message {number}", sender=agent)
    Message.objects.filter(direction="out").update(delivery_state="failed", error="368")
    assert (cost(f"/inbox/{chat.pk}/"), cost(since, **HTMX)) == before


def test_queueing_costs_a_constant_number_of_statements(agent: User) -> None:
    chat = chat_on()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            replies.message_queue(conversation_id=chat.pk, text="Yes", sender=agent)
        return len(queries)

    first = cost()
    assert {cost() for _ in range(5)} == {first}


def test_the_live_refresh_brings_the_line_above_the_box(agent_client: Client, marketer_client: Client) -> None:
    chat = chat_on()
    for client, there in ((agent_client, True), (marketer_client, False)):
        page = client.get(f"/inbox/{chat.pk}/?since=0_0", headers=HTMX).content.decode()
        assert ("data-standing" in page) is there
