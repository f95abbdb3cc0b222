"""The number on the rail's inbox: counted again only when the inbox changed, so that most pages ask nothing."""

from __future__ import annotations

import logging

import redis
from django.core.cache import cache

from inbox import live
from inbox.selectors import unread_total

logger = logging.getLogger(__name__)
KEY = "rail:unread"
KEPT = 60  # seconds: what changes without a mark (a repair by hand) shows by then


def rail_unread() -> int:
    """Chats that somebody has yet to read; at most one statement."""
    mark = live.current()
    if mark == live.UNKNOWN:
        return unread_total()
    try:
        counted_at, total = cache.get(KEY, (live.UNKNOWN, 0))
        if counted_at != mark:
            total = unread_total()
            cache.set(KEY, (mark, total), KEPT)
    except redis.RedisError:
        return unread_total()
    return int(total)


def rail_unread_forget() -> None:
    """Another database, another number (tests)."""
    try:
        cache.delete(KEY)
    except redis.RedisError:
        logger.warning("unread chats not forgotten: Redis is not reachable")
