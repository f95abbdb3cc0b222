"""Stretches in which messages may be missing: noticed by whom, merged, and shown in the chats of the channel."""

from __future__ import annotations

import datetime as dt

import pytest
import redis
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from channels_ingest import heartbeat
from channels_ingest.gaps import gaps_from_check, posts_refused, web_alive
from channels_ingest.models import Connection, ConnectionState
from contacts.models import Channel
from inbox.gaps import gap_add, gap_close, gap_open
from inbox.models import Conversation, Gap
from saifa_crm.lib.redis_client import client, key

from .posts import LINE_BOT, PAGE, connect, line_body, line_event, post_line

START = dt.datetime(2026, 11, 1, 3, 0, tzinfo=dt.UTC)


def at(minutes: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def gaps() -> list[tuple[str, dt.datetime, dt.datetime | None]]:
    return list(Gap.objects.order_by("started_at").values_list("reason", "started_at", "ended_at"))


class Clock:
    """Stands in for timezone.now of the heartbeat."""

    def __init__(self) -> None:
        self._now = START

    def move_to(self, moment: dt.datetime) -> None:
        self._now = moment

    def now(self) -> dt.datetime:
        return self._now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(heartbeat, "timezone", made)
    return made


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
    posts_refused([told(0)])
    assert gaps() == []


def told(minute: int, platform: str = "", channel_id: object = "") -> str:
    return f"{int(at(minute).timestamp())}|{platform}|{channel_id}"


@pytest.fixture
def no_stretch() -> None:
    client().delete(key(heartbeat.STRETCH), key(heartbeat.REFUSED))


def process(clock: Clock, minute: float) -> heartbeat.Heartbeat:
    """A web process that begins at this minute."""
    clock.move_to(at(minute))
    return heartbeat.Heartbeat()


def test_one_that_restarts_while_the_database_is_away_knows_of_the_others(
    page: Channel, no_stretch: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = process(clock, 0)
    old.beat()
    with monkeypatch.context() as away:
        away.setattr(heartbeat, "web_alive", _away)
        for minute in range(1, 6):
            clock.move_to(at(minute))
            old.beat()
        new = process(clock, 6)
        new.beat()
    clock.move_to(at(7))
    new.beat()  # the first that meets the database again
    assert gaps() == []


def test_a_machine_that_slept_answered_nobody(page: Channel, no_stretch: None, clock: Clock) -> None:
    one = process(clock, 0)
    one.beat()
    clock.move_to(at(60))
    one.beat()
    one.beat()
    assert gaps() == [("down", at(0), at(60))]


def test_a_wiped_redis_is_no_silence(page: Channel, no_stretch: None, clock: Clock) -> None:
    one = process(clock, 0)
    for minute in range(5):
        clock.move_to(at(minute))
        one.beat()
        client().delete(key(heartbeat.STRETCH))
    assert gaps() == []


def test_refused_posts_wait_until_the_database_is_back(
    page: Channel, no_stretch: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat = process(clock, 0)
    beat.refused("facebook")
    with monkeypatch.context() as away:
        away.setattr(heartbeat, "web_alive", _away)
        beat.beat()
    clock.move_to(at(1))
    beat.refused("facebook")
    assert gaps() == []
    process(clock, 1.5).beat()  # another process: the one that refused may be gone
    assert gaps() == [("refused", at(0), at(2))]
    beat.beat()
    assert gaps() == [("refused", at(0), at(2))]
    assert not client().exists(key(heartbeat.REFUSED))


def test_refused_without_redis(page: Channel, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "client", lambda: redis.Redis(unix_socket_path="/nowhere/redis.sock"))
    beat = process(clock, 0)
    beat.refused("facebook")
    beat.beat()
    assert gaps() == [("refused", at(0), at(1))]


def test_which_channels_a_refused_post_may_have_been_for(page: Channel) -> None:
    line, other = connect("line", LINE_BOT), connect("line", "U" + "c" * 32)
    for minute, platform, channel_id in (
        (0, "instagram", ""),
        (10, "line", ""),
        (20, "line", line.pk),
        (23, "line", line.pk),
    ):
        posts_refused([told(minute, platform, channel_id)])
    found = {pk: [gap.started_at for gap in Gap.objects.filter(channel_id=pk)] for pk in (page.pk, line.pk, other.pk)}
    assert found == {page.pk: [at(0)], line.pk: [at(10), at(20), at(23)], other.pk: [at(10)]}


def test_a_lasting_stretch_begins_where_the_one_it_meets_began(page: Channel) -> None:
    gap_open(channel_ids=[page.pk], reason="inactive", started_at=at(10))
    gap_add(channel_ids=[page.pk], reason="inactive", started_at=at(5), ended_at=at(12))
    assert gaps() == [("inactive", at(5), None)]
    gap_close(channel_ids=[page.pk], reason="inactive", ended_at=at(0))  # a clock that was put back
    assert gaps() == [("inactive", at(5), at(5))]


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


def check(channel: Channel, minute: float, *missing: str, before: float | None = 0, was_off: bool = False) -> None:
    checked = channel.connection
    checked.missing, checked.checked_at = list(missing), at(minute)
    gaps_from_check(checked, before=None if before is None else at(before), was_off=was_off)


@pytest.mark.parametrize(("step", "reason"), [("use_webhook_off", "inactive"), ("webhook_elsewhere", "unsubscribed")])
def test_a_webhook_that_does_not_lead_here_is_a_gap_while_it_lasts(page: Channel, step: str, reason: str) -> None:
    check(page, 60, step)
    check(page, 120, step, before=60)
    assert gaps() == [(reason, at(0), None)]
    check(page, 150, "subscribe_failed", before=120)  # no answer: nobody knows
    assert gaps() == [(reason, at(0), None)]
    check(page, 180, before=150)
    assert gaps() == [(reason, at(0), at(180))]


def test_a_gap_begins_after_the_last_event(page: Channel) -> None:
    page.connection.last_event_at = at(40)
    check(page, 60, "use_webhook_off")
    assert gaps() == [("inactive", at(40), None)]


def test_a_subscription_that_was_gone(page: Channel) -> None:
    check(page, 60, was_off=True)
    assert gaps() == [("unsubscribed", at(0), at(60))]
    check(page, 120, "subscribe_failed", before=60, was_off=True)
    check(page, 180, before=120, was_off=True)
    assert gaps() == [("unsubscribed", at(0), at(180))]


def test_the_first_check_of_a_new_channel_knows_of_no_gap(page: Channel) -> None:
    check(page, 60, before=None, was_off=True)
    check(page, 60, "webhook_not_https", before=None)
    assert gaps() == []


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
