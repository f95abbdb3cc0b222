"""The cache's Redis with what Django's cache API does not have: hashes, sets and several commands in one go."""

from __future__ import annotations

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def client() -> redis.Redis:
    """One a process, for all threads. No retries: who asks has an answer to give (LINE waits 2 s)."""
    options = settings.CACHES["default"]
    return redis.Redis.from_url(
        str(options["LOCATION"]),
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        **options.get("OPTIONS", {}),
    )


def first_within(name: str, seconds: int) -> bool:
    """Whether nobody asked for this name in the last seconds; yes while Redis is away: work is better done twice."""
    try:
        return bool(client().set(key(name), 1, ex=seconds, nx=True))
    except redis.RedisError:
        return True


def key(name: str) -> str:
    """A key of ours: parallel tests share one Redis, each under its own prefix."""
    return f"{settings.CACHES['default'].get('KEY_PREFIX', '')}:saifa:{name}"
