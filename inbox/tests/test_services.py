"""What staff do to a conversation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from inbox import live, services
from inbox.models import ConversationStatus, Direction, Episode
from saifa_crm.lib.redis_client import client

from .factories import NOON, make_conversation, make_message

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def test_read_leaves_what_came_later_unread() -> None:
    chat = make_conversation()
    make_message(chat, at=NOON)
    make_message(chat, at=NOON + MINUTE)
    make_message(chat, at=NOON + MINUTE, direction=Direction.OUT)
    services.conversation_mark_read(conversation_id=chat.pk, upto=NOON)
    chat.refresh_from_db()
    assert (chat.unread, chat.read_at) == (1, NOON)
    services.conversation_mark_read(conversation_id=chat.pk, upto=NOON + MINUTE)
    chat.refresh_from_db()
    assert (chat.unread, chat.read_at) == (0, NOON + MINUTE)


def test_read_never_goes_back() -> None:
    chat = make_conversation()
    make_message(chat, at=NOON + MINUTE)
    services.conversation_mark_read(conversation_id=chat.pk, upto=NOON + MINUTE)
    services.conversation_mark_read(conversation_id=chat.pk, upto=NOON)
    chat.refresh_from_db()
    assert (chat.unread, chat.read_at) == (0, NOON + MINUTE)


def test_unread_and_read_again() -> None:
    chat = make_conversation()
    make_message(chat, at=NOON)
    services.conversation_mark_read(conversation_id=chat.pk, upto=NOON)
    services.conversation_mark_unread(conversation_id=chat.pk)
    chat.refresh_from_db()
    assert chat.unread == 1
    assert chat.read_at is not None and chat.read_at < NOON
    services.conversation_mark_read(conversation_id=chat.pk, upto=NOON)
    chat.refresh_from_db()
    assert chat.unread == 0


def test_unread_needs_a_message_of_the_customer() -> None:
    chat = make_conversation()
    make_message(chat, direction=Direction.OUT)
    services.conversation_mark_unread(conversation_id=chat.pk)
    chat.refresh_from_db()
    assert chat.unread == 0


def test_closing_ends_the_episode() -> None:
    chat = make_conversation()
    episode = Episode.objects.create(conversation=chat, opened_at=NOON)
    services.conversation_set_status(conversation_id=chat.pk, status=ConversationStatus.FOLLOW_UP)
    episode.refresh_from_db()
    assert episode.closed_at is None
    services.conversation_set_status(conversation_id=chat.pk, status=ConversationStatus.CLOSED)
    episode.refresh_from_db()
    chat.refresh_from_db()
    assert episode.closed_at is not None
    assert chat.status == "closed"


def test_every_change_moves_the_mark(
    django_capture_on_commit_callbacks: object,
) -> None:
    chat = make_conversation()
    make_message(chat)
    marks = {live.current()}
    for act in (
        lambda: services.conversation_mark_read(conversation_id=chat.pk, upto=NOON),
        lambda: services.conversation_mark_unread(conversation_id=chat.pk),
        lambda: services.conversation_set_status(conversation_id=chat.pk, status=ConversationStatus.CLOSED),
        lambda: services.conversation_set_spam(conversation_id=chat.pk, is_spam=True),
    ):
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            act()
        marks.add(live.current())
    assert len(marks) == 5
    with django_capture_on_commit_callbacks(execute=True) as callbacks:  # type: ignore[operator]
        services.conversation_set_spam(conversation_id=chat.pk, is_spam=True)
    assert callbacks == []  # nothing changed, nobody looks


def test_live_mark_survives_a_wipe_and_redis_away(settings: object, request: pytest.FixtureRequest) -> None:
    live.bump()
    first = live.current()
    cache.delete(live.KEY)
    assert live.current() == live.UNKNOWN
    live.bump()
    assert live.current() not in (first, live.UNKNOWN)
    backend = settings.CACHES["default"] | {"LOCATION": "unix:///nonexistent/redis.sock?db=0"}  # type: ignore[attr-defined]
    settings.CACHES = {"default": backend}  # type: ignore[attr-defined]
    client.cache_clear()
    request.addfinalizer(client.cache_clear)
    live.bump()
    assert live.current() == live.UNKNOWN
