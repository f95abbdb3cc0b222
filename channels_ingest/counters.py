"""Refused posts, counted in bounded Redis keys: one a platform and day, kept a week. Never a row."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection
from typing import Literal

import redis
from django.core.cache import cache

from .models import Connection

logger = logging.getLogger(__name__)
KEEP = 7 * 24 * 3600  # seconds


def _key(platform: str, day: dt.date) -> str:
    return f"refused:{platform}:{day:%Y%m%d}"


def refusal_count(platform: str) -> None:
    """Count one refused post of a platform; a Redis that is down costs the count, not the answer."""
    key = _key(platform, dt.datetime.now(dt.UTC).date())
    try:
        if not cache.add(key, 1, KEEP):
            cache.incr(key)
    except Exception:
        logger.warning("refusal not counted: Redis is not reachable")


def refusals_today(platform: str) -> int:
    """Refused posts of the platform since midnight UTC."""
    try:
        return int(cache.get(_key(platform, dt.datetime.now(dt.UTC).date()), 0))
    except redis.RedisError:
        return 0


def _last_key(channel_id: int) -> str:
    return f"channel:last:{channel_id}"


def event_seen(channel_ids: Collection[int], at: dt.datetime) -> None:
    """Note that events of these channels were just applied; kept in Redis so that a busy channel has no hot row."""
    try:
        cache.set_many({_last_key(channel_id): at.timestamp() for channel_id in channel_ids}, timeout=None)
    except redis.RedisError:
        logger.warning("last event not noted: Redis is not reachable")


def last_events_flush() -> None:
    """Write what Redis knows of last events to the connections: one update a channel that moved."""
    connections = {connection.channel_id: connection for connection in Connection.objects.all()}
    for channel_id, at in last_events(list(connections)).items():
        connection = connections[channel_id]
        if connection.last_event_at is None or connection.last_event_at < at:
            Connection.objects.filter(pk=connection.pk).update(last_event_at=at)


def last_events(channel_ids: Collection[int]) -> dict[int, dt.datetime]:
    """When each channel's last event came, where it is known."""
    try:
        found = cache.get_many([_last_key(channel_id) for channel_id in channel_ids])
    except redis.RedisError:
        return {}
    stamps = {channel_id: found.get(_last_key(channel_id)) for channel_id in channel_ids}
    return {channel_id: dt.datetime.fromtimestamp(at, dt.UTC) for channel_id, at in stamps.items() if at}


def channel_error(channel_id: int, kind: Literal["profile", "send"]) -> None:
    """Count a call for a profile, or a reply, that the platform refused or did not answer."""
