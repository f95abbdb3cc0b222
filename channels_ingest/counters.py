"""What happens on a channel, counted in Redis by ten minutes; `counts` brings it to rows. Never a row a post."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Mapping
from typing import Literal

import redis

from inbox import live
from saifa_crm.lib.redis_client import client, key

logger = logging.getLogger(__name__)

BUCKET = 600  # seconds
KEEP_BUCKET = 26 * 3600  # seconds: how long counts wait for a worker that is away
KEEP_REFUSED = 7 * 24 * 3600  # seconds
OPEN = "counts:open"  # set of the buckets that hold something not yet settled
LAST = "channels:last"  # hash: channel id → time of its newest event
COLUMNS = ("events", "strays", "refused", "profile_errors", "send_errors")


def bucket_of(at: dt.datetime) -> int:
    """Start of the ten minutes that `at` lies in, seconds since 1970."""
    return int(at.timestamp()) // BUCKET * BUCKET


def bucket_key(bucket: int) -> str:
    """The hash of a bucket: `<channel id>:<column>` → how many so far in these ten minutes."""
    return key(f"counts:{bucket}")


def delivery_seen(counts: Mapping[int, tuple[int, int]], at: dt.datetime, *, inbox_changed: bool = False) -> None:
    """Note a delivery after its commit: by channel id its events applied and its strays. One round trip.

    `inbox_changed` tells open pages in the same one. A Redis that is away costs the count, never the answer.
    """
    if not counts:
        return
    try:
        pipe = client().pipeline(transaction=False)  # each command holds by itself
        if inbox_changed:
            live.bump_with(pipe)
        _add(pipe, at, {(pk, name): n for pk, pair in counts.items() for name, n in zip(COLUMNS, pair, strict=False)})
        for channel_id, (events, _) in counts.items():
            if events:
                pipe.hset(key(LAST), str(channel_id), str(at.timestamp()))
        pipe.execute()
    except redis.RedisError:
        logger.warning("delivery not counted: Redis is not reachable")


def refusal_count(platform: str, channel_id: int | None = None) -> None:
    """Count one refused post: of its platform and day, and of the channel where a URL key named it."""
    now = dt.datetime.now(dt.UTC)
    try:
        pipe = client().pipeline()
        refused = _refused_key(platform, now.date())
        pipe.incr(refused)
        pipe.expire(refused, KEEP_REFUSED)
        if channel_id is not None:
            _add(pipe, now, {(channel_id, "refused"): 1})
        pipe.execute()
    except redis.RedisError:
        logger.warning("refusal not counted: Redis is not reachable")


def channel_error(channel_id: int, kind: Literal["profile", "send"]) -> None:
    """Count a call for a profile, or a reply, that the platform refused or did not answer."""
    try:
        pipe = client().pipeline()
        _add(pipe, dt.datetime.now(dt.UTC), {(channel_id, f"{kind}_errors"): 1})
        pipe.execute()
    except redis.RedisError:
        logger.warning("error of a channel not counted: Redis is not reachable")


def _add(pipe: redis.client.Pipeline, at: dt.datetime, numbers: Mapping[tuple[int, str], int]) -> None:
    bucket = bucket_of(at)
    for (channel_id, column), number in numbers.items():
        if number:
            pipe.hincrby(bucket_key(bucket), f"{channel_id}:{column}", number)
    pipe.expire(bucket_key(bucket), KEEP_BUCKET)
    pipe.sadd(key(OPEN), bucket)


def _refused_key(platform: str, day: dt.date) -> str:
    return key(f"refused:{platform}:{day:%Y%m%d}")


def refusals_today(platform: str) -> int:
    """Refused posts of the platform since midnight UTC."""
    try:
        return int(client().get(_refused_key(platform, dt.datetime.now(dt.UTC).date())) or 0)
    except redis.RedisError:
        return 0


def last_events(channel_ids: Collection[int]) -> dict[int, dt.datetime]:
    """When each channel's last event came, where Redis knows."""
    if not channel_ids:
        return {}
    try:
        stamps = client().hmget(key(LAST), [str(channel_id) for channel_id in channel_ids])
    except redis.RedisError:
        return {}
    pairs = zip(channel_ids, stamps, strict=True)
    return {channel_id: dt.datetime.fromtimestamp(float(at), dt.UTC) for channel_id, at in pairs if at}
