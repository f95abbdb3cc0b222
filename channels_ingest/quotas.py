"""What is left of a channel's month of paid messages (LINE): asked in the background, kept in Redis, shown in chats."""

from __future__ import annotations

import logging

import redis
from django.core.cache import cache

from .clients import client_for
from .models import ASKABLE, Connection
from .platforms import ADAPTERS, adapter_for
from .platforms.base import PlatformError, Quota, TokenDead
from .services_check import connection_token_died

logger = logging.getLogger(__name__)
KEEP = 24 * 3600  # seconds: an older figure says nothing


def _key(channel_id: int) -> str:
    return f"quota:{channel_id}"


def connections_with_quota() -> list[int]:
    """Ids of the working connections whose platform counts replies."""
    counting = [platform for platform, adapter in ADAPTERS.items() if adapter.REPLIES.quota is not None]
    usable = Connection.objects.filter(state__in=ASKABLE)
    return list(usable.filter(channel__platform__in=counting).values_list("pk", flat=True))


def quota_fetch(*, connection_id: int) -> None:
    """Ask the platform and keep the answer; one that does not come leaves the old figure to run out."""
    connection = Connection.objects.select_related("channel").filter(pk=connection_id).first()
    if connection is None or connection.state not in ASKABLE:
        return
    ask = adapter_for(connection.channel.platform).REPLIES.quota
    if ask is None:
        return
    try:
        quota = ask(client_for(connection))
        cache.set(_key(connection.channel_id), (quota.used, quota.total), KEEP)
    except TokenDead as error:
        connection_token_died(asked=connection, error=error)
    except PlatformError as error:
        logger.info("quota of channel %s not told: %s", connection.channel_id, error.code)
    except redis.RedisError:
        logger.warning("quota not kept: Redis is not reachable")


def quota_of(channel_id: int) -> Quota | None:
    """The last known figure; None where there is none."""
    try:
        found = cache.get(_key(channel_id))
    except redis.RedisError:
        return None
    return Quota(*found) if found else None


def quota_spend(channel_id: int) -> None:
    """One more was sent: the figure is nearer to the truth until it is asked again."""
    quota = quota_of(channel_id)
    if quota is None:
        return
    try:
        cache.set(_key(channel_id), (quota.used + 1, quota.total), KEEP)
    except redis.RedisError:
        logger.warning("quota not kept: Redis is not reachable")
