"""Deliveries through the running web server: single posts, batches, and the acknowledgement under half the load."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from itertools import count

from django.db import connection

from channels_ingest.encryption import fingerprint
from channels_ingest.models import Connection, ConnectionState, MetaCredential
from contacts.models import Channel
from inbox.models import Message

from . import load
from .bodies import PAGE, SECRET, posts
from .pgbench import PgBench
from .servers import FLOOR, PRODUCT, web

RUNS = 5
SINGLES = 3_000  # posts of a run
BATCH = 100
BATCHES = 60
CONNECTIONS = 16  # as many as the two workers have threads
FLOOR_TABLES = """
DROP TABLE IF EXISTS bench_identity, bench_message;
CREATE TABLE bench_identity (LIKE contacts_identity INCLUDING ALL);
CREATE TABLE bench_message (LIKE inbox_message INCLUDING ALL);
"""
_runs = count()


def _connect() -> Channel:
    channel = Channel.objects.create(platform="facebook", external_id=PAGE, name="Bench")
    Connection.objects.create(channel=channel, state=ConnectionState.CONNECTED)
    MetaCredential.objects.create(kind="app_secret", fingerprint=fingerprint(SECRET), value=SECRET)
    return channel


def _load(port: int, posts_count: int, *, size: int = 1, rate: float | None = None) -> load.Result:
    ready = posts(port, posts_count, run=str(next(_runs)), size=size)
    result = load.run(port, ready, connections=CONNECTIONS, rate=rate)
    assert result.refused == 0, f"{result.refused} posts were not acknowledged"
    return result


def _singles(product: int, floor: int) -> Iterator[str]:
    """Alternating runs of the same posts."""
    mine, least = [], []
    _load(product, 500), _load(floor, 500)  # people, connections and plans are there before the clock starts
    for _ in range(RUNS):
        least.append(_load(floor, SINGLES).rate)
        mine.append(_load(product, SINGLES).rate)
    figure, base = statistics.median(mine), statistics.median(least)
    client = load.ceiling(posts(floor, 5_000, run="ceiling"), connections=CONNECTIONS)
    yield (
        f"single-event posts: {figure:,.0f}/s · floor, bare Django view with two inserts: {base:,.0f}/s"
        f" · ratio {figure / base:.2f} (wanted 0.50; the client alone reaches {client:,.0f}/s)"
    )
    half = max(mine) / 2
    waits = _load(product, int(half * 8), rate=half)
    yield (
        f"acknowledgement at {half:,.0f} posts/s, half the maximum: p50 {waits.percentile(0.5) * 1000:,.1f} ms"
        f" · p99 {waits.percentile(0.99) * 1000:,.1f} ms (wanted under 250 ms)"
    )


def _batches(product: int, bench: PgBench) -> Iterator[str]:
    mine, least = [], []
    for _ in range(RUNS):
        least.append(bench.rate())
        before = Message.objects.count()
        result = _load(product, BATCHES, size=BATCH)
        assert Message.objects.count() - before == BATCHES * BATCH
        mine.append(BATCHES * BATCH / result.wall)
    figure, base = statistics.median(mine), statistics.median(least)
    yield (
        f"events in posts of {BATCH}: {figure:,.0f}/s · floor, pgbench with one client and one event a transaction:"
        f" {base:,.0f}/s · ratio {figure / base:.2f} (wanted 1.00)"
    )


def measure() -> Iterator[str]:
    """Lines of the deliveries' figures."""
    channel = _connect()
    with connection.cursor() as cursor:
        cursor.execute(FLOOR_TABLES)
    bench = PgBench(channel.pk)
    with web(PRODUCT) as product:
        with web(FLOOR, BENCH_SECRET=SECRET) as floor:
            yield from _singles(product, floor)
        yield from _batches(product, bench)
