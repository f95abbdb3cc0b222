"""Profiles that nobody has fetched yet, found from the rows alone, whatever became of their tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import redis
from django.utils import timezone

from contacts.selectors import profiles_due
from contacts.services import profiles_renew
from saifa_crm.lib.redis_client import client, key

from . import pacing
from .models import ASKABLE, Connection

EACH = 200  # of a channel and sweep
QUEUED_FOR = 300  # seconds in which a task that was queued is not queued again
RENEW_WINDOW = dt.timedelta(hours=26)  # people seen in it: a day of standing still is made good


def profiles_to_queue() -> list[int]:
    """Ids of identities to queue now: due, of channels that may be asked, and not queued already."""
    connections = Connection.objects.filter(state__in=ASKABLE).defer("secrets")
    channels = [connection.channel_id for connection in connections if connection.token]
    resting = pacing.paused(channels)
    return _unqueued(profiles_due(channel_ids=[pk for pk in channels if pk not in resting], each=EACH))


def _unqueued(ids: Sequence[int]) -> list[int]:
    """Those not marked yet; the marks share Redis with the queue, so that they are lost together."""
    try:
        pipe = client().pipeline(transaction=False)
        for identity_id in ids:
            pipe.set(_mark(identity_id), 1, ex=QUEUED_FOR, nx=True)
        return [identity_id for identity_id, new in zip(ids, pipe.execute(), strict=True) if new]
    except redis.RedisError:
        return list(ids)


def profile_unqueue(identity_id: int) -> None:
    """Its task runs: what it leaves undone may be queued again."""
    try:
        client().delete(_mark(identity_id))
    except redis.RedisError:
        return  # the mark ends by itself


def _mark(identity_id: int) -> str:
    return key(f"profiles:queued:{identity_id}")


def stale_profiles_renew() -> int:
    """Make the profiles due again that may have changed; answers how many."""
    return profiles_renew(seen_since=timezone.now() - RENEW_WINDOW)
