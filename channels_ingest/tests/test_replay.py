"""Raw events read again: stored messages become what the parser says now, and nothing else moves."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_ingest import replay
from channels_ingest.models import RawEvent
from inbox.models import Conversation, Message

from .posts import LINE_BOT, MS, PAGE, connect, line_body, line_event, page_body, page_item, post_line, post_meta
from .test_delivery import state, unsend

pytestmark = pytest.mark.django_db
SINCE = "2020-01-01"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("replay_events", "--since", SINCE, *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def spoil() -> None:
    """As an older parser had read them."""
    Message.objects.filter(unsent_at=None).update(
        kind="unsupported", text="", attachments=[{"kind": "file"}], reply_to="x"
    )
    Conversation.objects.update(last_kind="unsupported", last_preview="")


@pytest.fixture
def chats() -> dict[str, Any]:
    line = connect("line", LINE_BOT)
    connect("facebook", PAGE)
    picture = line_event("Ua", "3", at=MS + 2000)
    picture["message"] = {"id": "3", "type": "image", "quoteToken": "q", "contentProvider": {"type": "line"}}
    quoting = line_event("Ub", "4", "an answer", at=MS + 3000)
    quoting["message"]["quotedMessageId"] = "1"
    post_line(line, line_body(line_event("Ua", "1"), line_event("Ua", "2", at=MS + 1000), picture, quoting))
    post_line(line, line_body(unsend("Ua", "2", at=MS + 4000)))
    post_meta("facebook", page_body(page_item("9", "m1")))
    return state()


def test_messages_become_what_the_parser_says(chats: dict[str, Any]) -> None:
    messages = Message.objects.order_by("pk").values_list("kind", "text", "attachments", "reply_to")
    before = list(messages)
    spoil()
    assert run("--dry-run") == "4 read, 4 would change, 0 hold no message for the parser"
    assert Message.objects.filter(kind="unsupported").count() == 4
    assert run() == "4 read, 4 changed, 0 hold no message for the parser"
    assert list(messages.all()) == before
    assert state() == chats
    assert run() == "4 read, 0 changed, 0 hold no message for the parser"


def test_edited_words_and_unsent_messages_stay(chats: dict[str, Any]) -> None:
    body = json.dumps(line_body(line_event("Ua", "2", "taken back")))
    channel = RawEvent.objects.filter(platform_id="1").get().channel
    RawEvent.objects.create(channel=channel, person_id="Ua", platform_id="2", body=body)  # as if it had been left over
    Message.objects.filter(platform_id="1").update(text="new words", edited_at="2026-11-20T00:00:00Z", edit_number=1)
    assert run() == "5 read, 0 changed, 0 hold no message for the parser"
    assert Message.objects.get(platform_id="1").text == "new words"
    assert Message.objects.get(platform_id="2").text == ""


def test_one_channel_and_a_time(chats: dict[str, Any]) -> None:
    spoil()
    page = Message.objects.get(platform_id="m1").conversation.identity.channel_id
    assert run("--channel", str(page)).startswith("1 read, 1 changed")
    assert Message.objects.filter(kind="unsupported").count() == 3
    out = StringIO()
    call_command("replay_events", "--since", "2999-01-01T10:00", stdout=out)
    assert out.getvalue().startswith("0 read")
    for arguments in (["--since", "yesterday"], ["--since", "2026-02-31"], ["--since", SINCE, "--channel", "0"]):
        with pytest.raises(CommandError):
            call_command("replay_events", *arguments)


def test_what_the_parser_cannot_read_is_left_and_counted(chats: dict[str, Any]) -> None:
    RawEvent.objects.filter(platform_id="1").update(body='{"events": [{"type": "later"}]}')
    RawEvent.objects.filter(platform_id="3").update(body="not JSON")
    assert run() == "4 read, 0 changed, 2 hold no message for the parser"


def test_statements_grow_with_the_batches_only(chats: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    spoil()
    with CaptureQueriesContext(connection) as few:
        run("--channel", str(Message.objects.get(platform_id="m1").conversation.identity.channel_id))
    spoil()
    with CaptureQueriesContext(connection) as all_at_once:
        run()
    assert len(all_at_once) <= len(few)
    spoil()
    monkeypatch.setattr(replay, "BATCH", 1)
    assert run().startswith("4 read, 4 changed")
