"""Counts: one round trip a delivery, flushed without doubling or losing, whatever breaks in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from channels_ingest import counters, counts
from channels_ingest.models import Count
from channels_ingest.retention import expired_purge
from contacts.models import Channel
from saifa_crm.lib.redis_client import client, key

from .posts import LINE_BOT, PAGE, connect, line_body, line_event, post_line

pytestmark = pytest.mark.django_db


def wipe() -> None:
    """All that the counters know, as after a Redis that was wiped."""
    found = list(client().scan_iter(key("*").replace("[", "\\[")))
    if found:
        client().delete(*found)


@pytest.fixture(autouse=True)
def _empty_redis() -> Iterator[None]:
    wipe()
    yield
    wipe()


def row(channel: Channel, at: dt.datetime) -> tuple[int, ...]:
    start = dt.datetime.fromtimestamp(counters.bucket_of(at), dt.UTC)
    return Count.objects.values_list(*counters.COLUMNS).get(channel=channel, at=start)


def test_a_delivery_is_counted_by_channel_and_ten_minutes() -> None:
    line, page = connect("line", LINE_BOT), connect("facebook", PAGE)
    now = timezone.now()
    counters.delivery_seen({line.pk: (2, 1), page.pk: (0, 3)}, now)
    counters.delivery_seen({line.pk: (5, 0)}, now - dt.timedelta(hours=1))
    counters.refusal_count("line", line.pk)
    counters.refusal_count("facebook")
    counters.channel_error(page.pk, "profile")
    counters.channel_error(page.pk, "send")
    assert counts.counts_flush() == 2
    assert row(line, now) == (2, 1, 1, 0, 0)
    assert row(page, now) == (0, 3, 0, 1, 1)
    assert row(line, now - dt.timedelta(hours=1)) == (5, 0, 0, 0, 0)
    assert counters.refusals_today("facebook") == counters.refusals_today("line") == 1
    seen = counters.last_events([line.pk, page.pk])
    assert set(seen) == {line.pk}  # strays alone are no sign of life of a working channel


def test_what_a_delivery_brings_is_counted(django_capture_on_commit_callbacks: Any) -> None:
    line, now = connect("line", LINE_BOT), timezone.now()
    odd = line_event("Ua", "3") | {"type": "tomorrow"}
    bodies = (line_body(line_event("Ua", "1")), line_body(line_event("Ua", "1"), line_event("Ub", "2"), odd))
    with django_capture_on_commit_callbacks(execute=True):
        for body in bodies:
            assert post_line(line, body).status_code == 200
        assert post_line(line, bodies[0], secret="wrong").status_code == 403
    counts.counts_flush()
    sums = Count.objects.aggregate(*(Sum(name) for name in ("events", "strays", "refused")))
    assert list(sums.values()) == [3, 1, 1]
    assert counters.last_events([line.pk])[line.pk] >= now


def test_flushing_again_changes_nothing_and_more_is_added() -> None:
    channel, now = connect("line", LINE_BOT), timezone.now()
    counters.delivery_seen({channel.pk: (2, 0)}, now)
    counts.counts_flush()
    counts.counts_flush()
    assert row(channel, now)[0] == 2
    counters.delivery_seen({channel.pk: (3, 0)}, now)
    counts.counts_flush()
    assert row(channel, now)[0] == 5


@pytest.mark.parametrize("after", [1, 30])
def test_a_wiped_redis_costs_only_what_was_not_flushed(after: int) -> None:
    channel, now = connect("line", LINE_BOT), timezone.now()
    counters.delivery_seen({channel.pk: (10, 0)}, now)
    counts.counts_flush()
    wipe()
    counters.delivery_seen({channel.pk: (after, 1)}, now)
    counts.counts_flush()
    counts.counts_flush()
    assert row(channel, now)[:2] == (10 + after, 1)


def test_a_flush_that_breaks_off_is_repeated_without_doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    channel, now = connect("line", LINE_BOT), timezone.now()
    counters.delivery_seen({channel.pk: (4, 0)}, now)
    with monkeypatch.context() as patch:
        patch.setattr(counts, "_write", lambda buckets: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            counts.counts_flush()
    assert not Count.objects.exists()
    counts.counts_flush()
    counts.counts_flush()
    assert row(channel, now)[0] == 4


def test_a_bucket_that_is_over_is_dropped_and_a_late_one_is_added_to_its_row() -> None:
    channel, then = connect("line", LINE_BOT), timezone.now() - dt.timedelta(hours=3)
    counters.delivery_seen({channel.pk: (4, 0)}, then)
    counts.counts_flush()
    assert not client().exists(counters.bucket_key(counters.bucket_of(then)))
    assert not client().smembers(key(counters.OPEN))
    counters.delivery_seen({channel.pk: (1, 0)}, then)  # from the spool: received then, applied now
    counts.counts_flush()
    assert row(channel, then)[0] == 5


def test_what_comes_while_a_bucket_is_settled_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    channel, then = connect("line", LINE_BOT), timezone.now() - dt.timedelta(hours=3)
    counters.delivery_seen({channel.pk: (4, 0)}, then)
    write = counts._write

    def and_one_more(buckets: object) -> None:
        write(buckets)  # type: ignore[arg-type]
        counters.delivery_seen({channel.pk: (1, 0)}, then)

    with monkeypatch.context() as patch:
        patch.setattr(counts, "_write", and_one_more)
        counts.counts_flush()
    assert row(channel, then)[0] == 4
    counts.counts_flush()
    assert row(channel, then)[0] == 5


def test_a_channel_that_is_gone_does_not_stop_the_others() -> None:
    channel, now = connect("line", LINE_BOT), timezone.now()
    counters.delivery_seen({channel.pk: (1, 0), channel.pk + 1: (1, 0)}, now)
    counts.counts_flush()
    assert list(Count.objects.values_list("channel_id", flat=True)) == [channel.pk]


def test_an_old_time_never_moves_a_last_event_back() -> None:
    channel, now = connect("line", LINE_BOT), timezone.now()
    counters.delivery_seen({channel.pk: (1, 0)}, now)
    counts.last_events_flush()
    counters.delivery_seen({channel.pk: (1, 0)}, now - dt.timedelta(hours=2))
    counts.last_events_flush()
    channel.connection.refresh_from_db()
    assert channel.connection.last_event_at == now


def test_redis_away_costs_the_count_only(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    import redis

    monkeypatch.setattr(counters, "client", lambda: redis.Redis(unix_socket_path="/nowhere/redis.sock"))
    counters.delivery_seen({1: (1, 0)}, timezone.now())
    counters.refusal_count("line", 1)
    counters.channel_error(1, "send")
    assert counters.refusals_today("line") == 0
    assert counters.last_events([1]) == {}


def test_counts_are_kept_eight_days() -> None:
    channel, now = connect("line", LINE_BOT), timezone.now()
    Count.objects.create(channel=channel, at=now - dt.timedelta(days=8, minutes=1), events=1)
    Count.objects.create(channel=channel, at=now - dt.timedelta(days=7), events=2)
    expired_purge()
    assert [count.events for count in Count.objects.all()] == [2]
