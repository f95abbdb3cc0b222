"""Whose token it is, asked in whichever way the token works, and how long it may be thought to live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from contacts.models import Channel, Platform

from .clients import client_for
from .models import Connection, ConnectionState
from .platforms import adapter_for, token_life, ways
from .platforms.base import Client, Connected, PlatformError, RetryLater


def account_of_token(*, platform: str, token: str, external_id: str = "", sandbox: bool = False) -> Connected:
    """Ask the platform whose token this is; WhatsApp must be asked by number (`external_id`). Raises PlatformError."""
    asked = external_id if platform == Platform.WHATSAPP else ""
    channel = Channel(platform=platform, external_id=asked, name="")
    blank = Connection(channel=channel, token=token, is_sandbox=sandbox)
    outcome = try_ways(blank, adapter_for(platform).account)
    if isinstance(outcome, PlatformError):
        raise outcome
    return outcome


def try_ways(connection: Connection, ask: Callable[[Client], Connected]) -> Connected | PlatformError:
    """Ask with the token the way it is known to work, else in each way it may be meant.

    Where none works, a way that could not be tried to the end keeps the token from being called dead.
    """
    known = connection.state == ConnectionState.CONNECTED
    errors: list[PlatformError] = []
    for way in (connection.via_page,) if known else ways(connection.channel.platform, connection.token):
        try:
            return ask(client_for(connection, via_page=way))
        except PlatformError as error:
            errors.append(error)
    return next((error for error in errors if isinstance(error, RetryLater)), errors[0])


def assumed_expiry(connection: Connection) -> dt.datetime | None:
    """When a token ends that the platform has told nothing of: a pasted one was made just before, at best."""
    life = token_life(connection.channel.platform, via_page=connection.via_page)
    return connection.token_set_at + life if life and connection.token_set_at else None
