"""Refused posts, counted in bounded Redis keys: one a platform and day, kept a week. Never a row."""

from __future__ import annotations

import datetime as dt
import logging

from django.core.cache import cache

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
    return int(cache.get(_key(platform, dt.datetime.now(dt.UTC).date()), 0))
