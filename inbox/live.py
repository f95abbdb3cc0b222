"""The "inbox changed" mark in Redis that open pages poll: it tells them when to look, never what changed."""

from __future__ import annotations

import logging
import time

import redis
from django.core.cache import cache

from saifa_crm.lib.redis_client import client

logger = logging.getLogger(__name__)
KEY = "inbox:changed"  # of the cache, so that it is found together with what follows it
UNKNOWN = 0  # Redis is away: pages then look by themselves now and then


def bump() -> None:
    """Say that something changed; call it after commit. Never raises: a page that looks late loses nothing.

    The mark is a time and not a count, so that one set after Redis was wiped differs from all before it.
    """
    try:
        bump_with(client())
    except redis.RedisError:
        logger.warning("inbox mark not set: Redis is unavailable")


def bump_with(commands: redis.Redis) -> None:
    """The same as one command of a pipeline, for those who have others to send."""
    commands.set(cache.make_key(KEY), time.time_ns())


def current() -> int:
    """The mark now; UNKNOWN while nothing was marked or Redis is away."""
    try:
        return int(cache.get(KEY, UNKNOWN))
    except redis.RedisError:
        return UNKNOWN
