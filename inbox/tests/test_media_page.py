"""Copies on the screen: pictures keep their place, missing ones say why, and a page costs one query for all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inbox.models import Conversation, Kind, MediaFile

from .factories import make_conversation, make_message
from .media import MP4, PDF, picture, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def sent(chat: Conversation, kind: str, data: bytes = b"", **row: Any) -> MediaFile:
    """An attachment with its copy, or with a row in the state given."""
    attachment = {
        "kind": kind,
        "url": "https://scontent.xx.fbcdn.net/x",
        "title": "ใบเสร็จ.pdf" if kind == "file" else "",
    }
    message = make_message(chat, "", kind=Kind(kind), attachments=[attachment])
    return stored(message, data) if data else MediaFile.objects.create(message=message, position=0, **row)


def page(client: Client, chat: Conversation, **headers: str) -> str:
    return client.get(f"/inbox/{chat.pk}/", headers=headers).content.decode()


@pytest.mark.parametrize(
    ("size", "shown"), [((1600, 1200), (260, 195)), ((900, 2000), (135, 300)), ((100, 50), (100, 50))]
)
def test_a_picture_keeps_its_place_while_it_loads(
    agent_client: Client, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    chat = make_conversation()
    row = sent(chat, "image", picture(size))
    html = page(agent_client, chat)
    tag = re.search(r'<a class="pic" href="([^"]+)"[^>]*><img src="([^"]+)" width="(\d+)" height="(\d+)"([^>]*)>', html)
    assert tag
    assert tag.groups()[:2] == (f"/inbox/media/{row.pk}/", f"/inbox/media/{row.pk}/thumb/")
    assert (int(tag[3]), int(tag[4])) == shown
    assert 'loading="lazy"' in tag[5] and 'alt="Photo"' in tag[5]
    assert "fbcdn.net" not in html  # ours is there: nobody is sent to a link that expires


def test_sound_film_and_files(agent_client: Client) -> None:
    chat = make_conversation()
    film, voice, paper = sent(chat, "video", MP4), sent(chat, "audio", MP4), sent(chat, "file", PDF)
    html = page(agent_client, chat)
    assert f'<video src="/inbox/media/{film.pk}/" controls' in html
    assert f'<audio src="/inbox/media/{voice.pk}/" controls' in html  # although it is a film's container
    assert "ใบเสร็จ.pdf" in html and f'href="/inbox/media/{paper.pk}/"' in html
    assert ">PDF<" in html


@pytest.mark.parametrize(
    ("row", "words", "link"),
    [
        ({}, "Being fetched…", True),
        ({"error": "token"}, "Waits until the channel is reconnected", True),
        ({"state": "gone", "error": "gone"}, "The platform no longer has it", False),
        ({"state": "gone", "error": "given_up"}, "It could not be fetched", False),
        ({"state": "refused", "error": "too_large"}, "Too large to be kept here", True),
        ({"state": "refused", "error": "program"}, "Not kept: it is a program", False),
        ({"state": "refused", "error": "address"}, "Not kept: it lies outside the platform", False),
        ({"state": "refused", "error": "not_a_picture"}, "Not kept: it is not what it says it is", False),
    ],
)
def test_what_is_not_there_says_why(agent_client: Client, row: dict[str, Any], words: str, link: bool) -> None:
    chat = make_conversation()
    sent(chat, "image", **row)
    html = page(agent_client, chat)
    assert words in html
    assert ("fbcdn.net" in html) is link
    assert "/inbox/media/" not in html


def test_a_message_taken_back_shows_nothing_of_it(agent_client: Client) -> None:
    chat = make_conversation()
    row = sent(chat, "image", picture())
    type(row.message).objects.update(unsent_at=timezone.now())
    html = page(agent_client, chat)
    assert "Message unsent" in html and "/inbox/media/" not in html


def test_copies_cost_one_query_however_many(agent_client: Client) -> None:
    few, many = make_conversation(), make_conversation()
    sent(few, "image", picture((20, 20)))
    for _ in range(12):
        sent(many, "image", picture((20, 20)))
    counts: dict[str, list[int]] = {}
    agent_client.get("/account/")  # the rail counts unread chats once, then only when the inbox changed
    for chat in (few, many):
        for path in (f"/inbox/{chat.pk}/", f"/inbox/contact/{chat.identity.contact_id}/"):
            with CaptureQueriesContext(connection) as queries:
                html = agent_client.get(path).content.decode()
            assert html.count('class="pic"') == (1 if chat == few else 12)
            asked = [query["sql"] for query in queries if "inbox_mediafile" in query["sql"]]
            assert len(asked) == 1
            counts.setdefault(path.split("/")[2].isdigit() * "chat" or "history", []).append(len(queries))
    assert all(few_count == many_count for few_count, many_count in counts.values())
