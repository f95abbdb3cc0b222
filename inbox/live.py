"""The "inbox changed" mark in Redis that open pages poll: it tells them when to look, never what changed."""

from __future__ import annotations

import logging
import time

import redis

from saifa_crm.lib.redis_client import client, key

logger = logging.getLogger(__name__)
KEY = "inbox:changed"
UNKNOWN = 0  # Redis is away: pages then look by themselves now and then


def bump() -> None:
    """Say that something changed; call it after commit. Never raises: a page that looks late loses nothing.

    The mark is a time and not a count, so that one set after Redis was wiped differs from all before it.
    """
    try:
        client().set(key(KEY), time.time_ns())
    except redis.RedisError:
        logger.warning("inbox mark not set: Redis is unavailable")


def current() -> int:
    """The mark now; UNKNOWN while nothing was marked or Redis is away."""
    try:
        return int(client().get(key(KEY)) or UNKNOWN)
    except redis.RedisError:
        return UNKNOWN
