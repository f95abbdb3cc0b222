"""Tokens look after themselves: each is checked once a day, and renewed long before its end where that is possible."""

from __future__ import annotations

import datetime as dt
import logging
import math
from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from saifa_crm.lib.redis_client import first_within

from .alerts import alerts
from .clients import client_for
from .models import ASKABLE, Connection, ConnectionState
from .platforms import adapter_for, token_life, token_renew
from .platforms.base import PlatformError, Renewed, TokenDead
from .services_check import connection_check, connection_token_died

logger = logging.getLogger(__name__)

SWEEP_EVERY = dt.timedelta(minutes=15)
CHECK_EVERY = dt.timedelta(hours=23)  # a little less than a day, so that a check does not creep through it
UNCHECKED_EVERY = dt.timedelta(hours=1)  # the platform was out of reach when the channel was connected
ASKED_FOR = 3600  # seconds in which a check that came to nothing is not asked for again
RENEW_AFTER = dt.timedelta(days=7)  # Instagram's live 60 days: a failing renewal has 53 more daily tries


def connections_to_check() -> list[int]:
    """Ids of the connections whose turn it is, longest unchecked first.

    A sweep takes its share only, so that many channels connected on one day are not checked in one burst.
    Refused tokens are left alone until somebody brings a new one.
    """
    asked = Connection.objects.filter(state__in=ASKABLE)
    everyone = [
        one
        for one in asked.select_related("channel").order_by(F("checked_at").asc(nulls_first=True), "pk")
        if one.token
    ]
    share = math.ceil(len(everyone) * 2 * SWEEP_EVERY / CHECK_EVERY)
    due: list[int] = []
    for connection in filter(_check_due, everyone):
        if len(due) < share and first_within(f"token:asked:{connection.pk}", ASKED_FOR):
            due.append(connection.pk)
    return due


def _check_due(connection: Connection) -> bool:
    every = UNCHECKED_EVERY if connection.state == ConnectionState.UNCHECKED else CHECK_EVERY
    return connection.checked_at is None or connection.checked_at <= timezone.now() - every


def connection_look_after(*, connection_id: int) -> None:
    """The day's check of one connection: renew the token where it is old enough, then ask whether it works."""
    connection = Connection.objects.select_related("channel").filter(pk=connection_id).first()
    if connection is None or connection.state not in ASKABLE or not connection.token or not _check_due(connection):
        return
    if _renewal_due(connection):
        connection_renew(connection_id=connection_id)
    connection_check(connection_id=connection_id, daily=True)


def _renewal_due(connection: Connection) -> bool:
    born = connection.token_refreshed_at or connection.token_set_at
    lives = token_life(connection.channel.platform, via_page=connection.via_page)
    return lives is not None and born is not None and born <= timezone.now() - RENEW_AFTER


def connection_renew(*, connection_id: int) -> bool:
    """Put a new token in place of one that ends; whether that came about.

    The old one works on, so it goes only for a token that has told the same account. Nothing is kept where the
    token was replaced, or the account disconnected, while the platform was asked.
    """
    asked = Connection.objects.select_related("channel").get(pk=connection_id)
    platform, own = asked.channel.platform, client_for(asked)
    try:
        renewed = token_renew(platform, own)
        adapter_for(platform).account(replace(own, token=renewed.token))
    except TokenDead as error:
        if _still_dead(asked):
            connection_token_died(asked=asked, error=error)
        return False
    except PlatformError as error:
        logger.warning("token of connection %s not renewed: %s", connection_id, error)
        return False
    return _keep(asked, renewed)


def _still_dead(asked: Connection) -> bool:
    """A refusal counts against the old token only where it comes for the old token."""
    try:
        adapter_for(asked.channel.platform).account(client_for(asked))
    except PlatformError as error:
        return isinstance(error, TokenDead)
    return False


@transaction.atomic
def _keep(asked: Connection, renewed: Renewed) -> bool:
    connection = Connection.objects.select_for_update().get(pk=asked.pk)
    if connection.token != asked.token or connection.state == ConnectionState.DISCONNECTED:
        return False
    now = timezone.now()
    connection.token, connection.token_refreshed_at = renewed.token, now
    connection.token_expires_at = now + dt.timedelta(seconds=renewed.expires_in)
    connection.save(update_fields=["token", "token_refreshed_at", "token_expires_at"])
    transaction.on_commit(alerts.forget, robust=True)
    return True
