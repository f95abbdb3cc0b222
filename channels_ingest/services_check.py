"""Checking connections: what a platform says of token and webhook, and what it means for the channel."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from contacts.services import profiles_due_now
from saifa_crm.lib.safe_text import storable

from . import pacing
from .accounts import assumed_expiry, try_ways
from .alerts import alerts
from .gaps import gaps_from_check
from .models import Connection, ConnectionState
from .platforms import adapter_for
from .platforms.base import Connected, PlatformError, RetryLater, TokenDead
from .services_connect import MAX_NAME, webhook_url

WRONG_TOKEN = frozenset(
    {"account_mismatch", "no_id", "no_user_id", "no_number", "bad_token"}
)  # no retry makes it right


def connection_check(*, connection_id: int, daily: bool = False) -> Connection:
    """Check the token with the platform, subscribe the webhook where the API allows, note what is still missing.

    `daily`: nobody asked for it. It takes no webhook back that was pointed elsewhere, and a platform out of reach
    is no news. A dead token marks the connection and never stops ingest; a platform out of reach leaves the state as
    it was.
    `state_note` is empty where the token was confirmed. A token that was replaced or wiped while the platform was
    asked is not judged by that answer.
    """
    asked = Connection.objects.select_related("channel").get(pk=connection_id)
    if asked.state == ConnectionState.DISCONNECTED:
        return asked
    outcome = ask(asked, repoint=not daily)
    if daily and isinstance(outcome, RetryLater):
        return asked
    return _judge(asked, outcome, names_due=not daily)


def connection_token_died(*, asked: Connection, error: TokenDead) -> None:
    """Another call with the token of `asked`, as read before the call, was refused: the owner must reconnect."""
    _judge(asked, error)


@transaction.atomic
def _judge(asked: Connection, outcome: Connected | PlatformError, *, names_due: bool = False) -> Connection:
    """Note the outcome, unless the account was disconnected or its token replaced while the platform was asked.

    Names that wait are due at once where the token works again, or (`names_due`) somebody may have mended what kept
    them.
    """
    connection = Connection.objects.select_for_update(of=("self",)).select_related("channel").get(pk=asked.pk)
    if connection.token == asked.token and connection.state != ConnectionState.DISCONNECTED:
        news = names_due or connection.state != ConnectionState.CONNECTED or bool(connection.state_note)
        _note(connection, outcome)
        if isinstance(outcome, Connected):
            gaps_from_check(connection, before=asked.checked_at, was_off=outcome.was_off)
            if news:
                profiles_due_now(channel_id=connection.channel_id)
                transaction.on_commit(partial(pacing.resume, connection.channel_id), robust=True)
        transaction.on_commit(alerts.forget, robust=True)
    return connection


def ask(connection: Connection, *, repoint: bool) -> Connected | PlatformError:
    """What the platform says of token and webhook; `repoint` takes back one that was pointed elsewhere."""
    if not connection.token:
        return TokenDead("no token", code="no_token")
    connect = adapter_for(connection.channel.platform).connect
    return try_ways(connection, lambda client: connect(client, webhook_url(connection), repoint=repoint))


def _note(connection: Connection, outcome: Connected | PlatformError) -> None:
    channel = connection.channel
    connection.checked_at = timezone.now()
    if isinstance(outcome, PlatformError):
        connection.state_note = (outcome.code or str(outcome))[:255]
        if isinstance(outcome, TokenDead) or outcome.code in WRONG_TOKEN:
            connection.state = ConnectionState.RECONNECT
    else:
        connection.state, connection.state_note = ConnectionState.CONNECTED, ""
        connection.missing = list(outcome.missing)
        if connection.via_page != outcome.via_page or not connection.token_refreshed_at:
            connection.via_page = outcome.via_page
            connection.token_expires_at = assumed_expiry(connection)
        name = storable(outcome.name)[:MAX_NAME]
        if channel.name == channel.external_id and name:
            channel.name = name
            channel.save(update_fields=["name"])
    connection.save(
        update_fields=["state", "state_note", "missing", "checked_at", "via_page", "token_expires_at"],
    )
