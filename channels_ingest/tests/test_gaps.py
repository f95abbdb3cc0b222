"""Stretches in which messages may be missing: noticed by whom, merged, and shown in the chats of the channel."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from channels_ingest import heartbeat
from channels_ingest.gaps import gaps_from_check, posts_refused, web_alive
from channels_ingest.models import Connection, ConnectionState
from contacts.models import Channel
from inbox.gaps import gap_add, gap_close, gap_open
from inbox.models import Conversation, Gap

from .posts import LINE_BOT, PAGE, connect, line_body, line_event, post_line

START = dt.datetime(2026, 11, 1, 3, 0, tzinfo=dt.UTC)


def at(minutes: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def gaps() -> list[tuple[str, dt.datetime, dt.datetime | None]]:
    return list(Gap.objects.order_by("started_at").values_list("reason", "started_at", "ended_at"))


@pytest.fixture
def page(db: None) -> Channel:
    return connect("facebook", PAGE)


def test_a_silence_of_the_web_processes_is_a_gap(page: Channel) -> None:
    web_alive(since=at(0), now=at(0))
    web_alive(since=at(0), now=at(1))
    web_alive(since=at(2.5), now=at(2.5))  # a restart within the platforms' own patience
    assert gaps() == []
    web_alive(since=at(10), now=at(10.1))
    assert gaps() == [("down", at(2.5), at(10))]


def test_one_process_goes_on_while_another_restarts(page: Channel) -> None:
    web_alive(since=at(0), now=at(9))
    web_alive(since=at(10), now=at(10))
    web_alive(since=at(0), now=at(11))
    assert gaps() == []


def test_cut_off_from_the_database_but_answering_is_no_gap(page: Channel) -> None:
    web_alive(since=at(0), now=at(1))
    web_alive(since=at(0), now=at(30))
    assert gaps() == []


def test_only_channels_that_are_connected(page: Channel) -> None:
    Connection.objects.update(state=ConnectionState.DISCONNECTED)
    posts_refused(first=at(0), last=at(1))
    assert gaps() == []


def test_refused_posts_wait_until_the_database_is_back(page: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    beat = heartbeat.Heartbeat()
    beat.refused()
    with monkeypatch.context() as away:
        away.setattr(heartbeat, "web_alive", _away)
        beat.beat()
    beat.refused()
    assert gaps() == []
    beat.beat()
    (gap,) = Gap.objects.all()
    assert gap.reason == "refused"
    assert gap.ended_at is not None
    assert gap.started_at < gap.ended_at
    beat.beat()
    assert Gap.objects.count() == 1


def _away(**_: object) -> None:
    raise OperationalError


def test_stretches_that_touch_become_one(page: Channel) -> None:
    for start, end in ((0, 5), (10, 15), (4, 11), (30, 31)):
        gap_add(channel_ids=[page.pk], reason="refused", started_at=at(start), ended_at=at(end))
    assert gaps() == [("refused", at(0), at(15)), ("refused", at(30), at(31))]


def test_one_open_stretch_of_a_reason(page: Channel) -> None:
    for minute in (0, 1):
        gap_open(channel_ids=[page.pk], reason="inactive", started_at=at(minute))
    gap_close(channel_ids=[page.pk], reason="inactive", ended_at=at(5))
    gap_close(channel_ids=[page.pk], reason="inactive", ended_at=at(6))
    assert gaps() == [("inactive", at(0), at(5))]


def test_a_check_opens_and_closes(page: Channel) -> None:
    connection = page.connection
    connection.missing, connection.checked_at = ["use_webhook_off"], at(60)
    gaps_from_check(connection, before=at(0))
    assert gaps() == [("inactive", at(0), None)]
    connection.missing, connection.checked_at = [], at(120)
    gaps_from_check(connection, before=at(60), was_off=True)
    assert gaps() == [("inactive", at(0), at(120)), ("unsubscribed", at(60), at(120))]


def test_shown_in_the_chats_of_the_channel(agent_client: Client, db: None) -> None:
    line, other = connect("line", LINE_BOT), connect("facebook", PAGE)
    now = timezone.now()
    first, second = (int((now - dt.timedelta(minutes=minutes)).timestamp() * 1000) for minutes in (60, 20))
    post_line(line, line_body(line_event("p1", "m1", at=first), line_event("p1", "m2", at=second)))
    chat = Conversation.objects.get()
    half = now - dt.timedelta(minutes=40)
    gap_add(channel_ids=[other.pk], reason="down", started_at=half, ended_at=now)
    assert "Messages may be missing" not in agent_client.get(f"/inbox/{chat.pk}/").content.decode()
    gap_add(channel_ids=[line.pk], reason="down", started_at=half, ended_at=half + dt.timedelta(minutes=5))
    long_ago = now - dt.timedelta(days=3)  # before the person's first message
    gap_add(channel_ids=[line.pk], reason="down", started_at=long_ago, ended_at=long_ago + dt.timedelta(minutes=5))
    gap_open(channel_ids=[line.pk], reason="inactive", started_at=now)
    shown = agent_client.get(f"/inbox/{chat.pk}/").content.decode()
    assert shown.count("Messages may be missing") == 2
    assert shown.index("This server was down") < shown.rindex("สวัสดี") < shown.index("The webhook was switched off")
