"""Counts on their way from Redis to rows, so that a busy channel has no hot row.

Redis holds the whole count of a bucket, and a flush writes that whole count: repeating a flush, or breaking it off
anywhere, neither doubles nor loses. The field MARK in a bucket's hash says that a flush has met it. A hash without
the mark whose rows exist is one that Redis forgot (wiped, or settled and counted again): its rows are added to it
first. A Redis that is wiped therefore costs what was counted since the last flush, no more.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from typing import Any

import redis
from django.db import connection as database
from django.db import transaction

from contacts.models import Channel
from saifa_crm.lib.locks import lock_name
from saifa_crm.lib.redis_client import client, key

from .counters import BUCKET, COLUMNS, LAST, OPEN, bucket_key
from .models import Count

MARK = "flushed"
SETTLED_AFTER = 2 * BUCKET  # seconds; what comes later still counts: it opens the bucket again

Numbers = dict[tuple[int, str], int]  # (channel id, column) → how many


def counts_flush() -> int:
    """Bring every open bucket to its rows; answers how many buckets. Raises RedisError or a database error.

    One flush at a time: two that met a forgotten bucket together would add its rows twice.
    """
    with transaction.atomic():
        lock_name("channels.counts")
        buckets = sorted(int(bucket) for bucket in client().smembers(key(OPEN)))
        read = {bucket: _read(bucket) for bucket in buckets}
        _write({bucket: numbers for bucket, numbers in read.items() if numbers})
    for bucket, numbers in read.items():
        if bucket < time.time() - SETTLED_AFTER:
            _settle(bucket, numbers)
    return len(buckets)


def _read(bucket: int) -> Numbers:
    """The whole count of a bucket, marked as met."""
    name = bucket_key(bucket)
    found: Any = client().hgetall(name)
    if found and MARK not in found:
        pipe = client().pipeline()  # one transaction of Redis: rows are added once, or not at all
        pipe.hset(name, MARK, 1)
        for (channel_id, column), number in _stored(bucket).items():
            pipe.hincrby(name, f"{channel_id}:{column}", number)
        pipe.hgetall(name)
        found = pipe.execute()[-1]
    return _numbers(found)


def _numbers(found: Mapping[Any, Any]) -> Numbers:
    pairs = ((field.partition(":"), number) for field, number in found.items() if field != MARK)
    return {(int(channel_id), column): int(number) for (channel_id, _, column), number in pairs}


def _stored(bucket: int) -> Numbers:
    rows = Count.objects.filter(at=_time(bucket)).values_list("channel_id", *COLUMNS)
    return {(row[0], column): n for row in rows for column, n in zip(COLUMNS, row[1:], strict=True) if n}


def _write(buckets: Mapping[int, Numbers]) -> None:
    """One upsert for all buckets; a channel that is gone meanwhile is left out."""
    keys = {(channel_id, bucket) for bucket, numbers in buckets.items() for channel_id, _ in numbers}
    if not keys:
        return
    known = set(Channel.objects.filter(pk__in={channel_id for channel_id, _ in keys}).values_list("pk", flat=True))
    Count.objects.bulk_create(
        [
            Count(
                channel_id=channel_id,
                at=_time(bucket),
                **{name: buckets[bucket].get((channel_id, name), 0) for name in COLUMNS},
            )
            for channel_id, bucket in sorted(keys)
            if channel_id in known
        ],
        update_conflicts=True,
        unique_fields=["channel", "at"],
        update_fields=COLUMNS,
    )


def _settle(bucket: int, written: Numbers) -> None:
    """Drop a bucket that is over and written, unless something was counted meanwhile: then the next flush does."""
    name = bucket_key(bucket)
    with client().pipeline() as pipe:
        try:
            pipe.watch(name)
            if _numbers(pipe.hgetall(name)) != written:
                return
            pipe.multi()
            pipe.delete(name)
            pipe.srem(key(OPEN), bucket)
            pipe.execute()
        except redis.WatchError:
            return


def _time(bucket: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(bucket, dt.UTC)


def last_events_flush() -> None:
    """Write what Redis knows of last events to the connections, never back in time: one statement."""
    found = client().hgetall(key(LAST))
    if not found:
        return
    with database.cursor() as cursor:
        cursor.execute(
            """
            UPDATE channels_ingest_connection c SET last_event_at = to_timestamp(v.at)
            FROM unnest(%s::integer[], %s::double precision[]) AS v(channel_id, at)
            WHERE c.channel_id = v.channel_id AND (c.last_event_at IS NULL OR c.last_event_at < to_timestamp(v.at))
            """,
            [[int(channel_id) for channel_id in found], [float(at) for at in found.values()]],
        )
