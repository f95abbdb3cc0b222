"""An hourly look at every channel's webhook: one that is switched off or not subscribed is silent, not an error."""

from __future__ import annotations

import datetime as dt

import redis
from django.db import transaction
from django.utils import timezone

from saifa_crm.lib.redis_client import client, key

from .alerts import alerts
from .gaps import gaps_from_check
from .models import ASKABLE, Connection
from .platforms.base import PlatformError, TokenDead
from .services_check import ask, connection_token_died

LOOKED = "webhook:looked"  # hash: connection id → time of the last look, seconds since 1970


def connections_to_watch() -> list[int]:
    """Ids of the connections whose token may work."""
    asked = Connection.objects.filter(state__in=ASKABLE).order_by("pk")
    return [connection.pk for connection in asked if connection.token]


def webhook_look(*, connection_id: int) -> None:
    """Ask whether the platform posts here, subscribe anew where it does not, and note what may have been missed.

    A webhook that somebody pointed elsewhere is left there. A look that comes to nothing is made again in an hour.
    """
    asked = Connection.objects.select_related("channel").filter(pk=connection_id, state__in=ASKABLE).first()
    if asked is None or not asked.token:
        return
    outcome = ask(asked, repoint=False)
    if isinstance(outcome, TokenDead):
        connection_token_died(asked=asked, error=outcome)
    if isinstance(outcome, PlatformError):
        return
    now, looked = timezone.now(), _looked(connection_id)
    with transaction.atomic():
        connection = Connection.objects.select_for_update(of=("self",)).select_related("channel").get(pk=asked.pk)
        if connection.token != asked.token or connection.state not in ASKABLE:
            return
        before = max((at for at in (connection.checked_at, looked) if at is not None), default=None)
        connection.missing = list(outcome.missing)
        connection.save(update_fields=["missing"])
        gaps_from_check(connection, before=before, was_off=outcome.was_off, now=now)
        transaction.on_commit(alerts.forget, robust=True)
    try:
        client().hset(key(LOOKED), str(connection_id), now.timestamp())
    except redis.RedisError:
        pass  # a gap then begins at the day's check


def _looked(connection_id: int) -> dt.datetime | None:
    try:
        at = client().hget(key(LOOKED), str(connection_id))
    except redis.RedisError:
        return None
    return dt.datetime.fromtimestamp(float(at), dt.UTC) if at else None
