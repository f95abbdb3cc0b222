"""Connecting channels: one service for the page, the command and the demo; ingest never waits for a working token."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.models import Channel, Identity, Platform

from .clients import client_for
from .encryption import fingerprint
from .models import Connection, ConnectionState, MetaCredential
from .platforms import ADAPTERS, adapter_for
from .platforms.base import Client, Connected, PlatformError, TokenDead
from .secret_store import store

LINE_SECRETS_KEPT = 2  # the new one and, while it is being rotated, the one before


class ConnectFault(Exception):
    """What was given cannot make a connection; `fault` is a key that page and command put into words."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def webhook_url(connection: Connection) -> str:
    """The URL the platform must post this channel's events to."""
    platform = connection.channel.platform
    path = f"line/{connection.webhook_key}" if platform == Platform.LINE else platform
    return f"{settings.PUBLIC_BASE_URL}/webhooks/{path}/"


def scope_for(platform: str, external_id: str, provider: str) -> str:
    """Whose ids a channel's people have: those of a named LINE provider, else its own."""
    if platform == Platform.LINE and provider:
        return f"line:provider:{provider}"[:300]
    return f"{platform}:{external_id}"


def account_of_token(*, platform: str, token: str, sandbox: bool = False) -> Connected:
    """Ask the platform whose token this is. Raises PlatformError."""
    channel = Channel(platform=platform, external_id="", name="")
    blank = Connection(channel=channel, token=token, is_sandbox=sandbox)
    return adapter_for(platform).connect(client_for(blank), "")


@transaction.atomic
def connection_connect(
    *,
    platform: str,
    external_id: str,
    name: str,
    secret: str = "",
    token: str = "",
    verify_token: str = "",
    provider: str | None = None,
    sandbox: bool = False,
) -> Connection:
    """Create the channel and its connection, or update what is there; empty secret, token or name keep the old one.

    `provider`: of a LINE account; None keeps what is set. Raises ConnectFault.
    """
    if platform not in ADAPTERS:
        raise ConnectFault("platform")
    if not external_id:
        raise ConnectFault("external_id")
    channel = _channel(platform, external_id, name, provider)
    connection = Connection.objects.select_for_update().filter(channel=channel).first() or Connection(channel=channel)
    if platform == Platform.LINE:
        if secret:
            others = [one for one in connection.secrets if one != secret]
            connection.secrets = [secret, *others][:LINE_SECRETS_KEPT]
    else:
        if secret:
            meta_credential_add(kind=MetaCredential.Kind.APP_SECRET, value=secret)
        if verify_token:
            meta_credential_add(kind=MetaCredential.Kind.VERIFY_TOKEN, value=verify_token)
    if token:
        connection.token = token
    if token or connection.state == ConnectionState.DISCONNECTED:
        connection.state, connection.state_note = ConnectionState.UNCHECKED, ""
    connection.is_sandbox = sandbox
    connection.save()
    store.forget()
    return connection


def _channel(platform: str, external_id: str, name: str, provider: str | None) -> Channel:
    channel = Channel.objects.select_for_update().filter(platform=platform, external_id=external_id).first()
    if channel is None:
        return Channel.objects.create(
            platform=platform,
            external_id=external_id,
            name=name or external_id,
            scope=scope_for(platform, external_id, provider or ""),
        )
    if name:
        channel.name = name
    if provider is not None:
        channel.scope = scope_for(platform, external_id, provider)
        Identity.objects.filter(channel=channel).exclude(scope=channel.scope).update(scope=channel.scope)
    channel.save()
    return channel


def meta_credential_add(*, kind: str, value: str) -> None:
    """Add an app secret or verify token to the deployment's valid ones; a known value is moved to the front."""
    MetaCredential.objects.filter(kind=kind, fingerprint=fingerprint(value)).delete()
    MetaCredential.objects.create(kind=kind, fingerprint=fingerprint(value), value=value)
    store.forget()


def connection_check(*, connection_id: int) -> Connection:
    """Check the token with the platform, subscribe the webhook where the API allows, note what is still missing.

    A dead token marks the connection and never stops ingest; a platform out of reach leaves the state as it was.
    `state_note` is empty where the token was confirmed.
    """
    connection = Connection.objects.select_related("channel").get(pk=connection_id)
    if connection.state == ConnectionState.DISCONNECTED:
        return connection
    client: Client = client_for(connection)
    try:
        if not connection.token:
            raise TokenDead("no token", code="no_token")
        answer = adapter_for(connection.channel.platform).connect(client, webhook_url(connection))
    except TokenDead as error:
        connection.state, connection.state_note = ConnectionState.RECONNECT, error.code[:255]
    except PlatformError as error:
        connection.state_note = (error.code or str(error))[:255]
    else:
        connection.state, connection.state_note = ConnectionState.CONNECTED, ""
        connection.missing = list(answer.missing)
        if connection.channel.name == connection.channel.external_id and answer.name:
            Channel.objects.filter(pk=connection.channel_id).update(name=answer.name[:255])
            connection.channel.name = answer.name[:255]
    connection.checked_at = timezone.now()
    return _checked(connection)


@transaction.atomic
def _checked(connection: Connection) -> Connection:
    """Save what a check found, unless the account was disconnected or its token replaced while it was asked."""
    now = Connection.objects.select_for_update(of=("self",)).select_related("channel").get(pk=connection.pk)
    if now.state == ConnectionState.DISCONNECTED or now.token != connection.token:
        return now
    connection.save(update_fields=["state", "state_note", "missing", "checked_at"])
    return connection


@transaction.atomic
def connection_disconnect(*, connection_id: int) -> None:
    """Stop taking events and forget token and secrets; contacts and chats stay."""
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    connection.secrets, connection.token = [], ""
    connection.state, connection.state_note, connection.missing = ConnectionState.DISCONNECTED, "", []
    connection.save()
    store.forget()


@transaction.atomic
def connection_edit(
    *,
    connection_id: int,
    name: str,
    follow_makes_contact: bool | None,
    secret: str = "",
    token: str = "",
    verify_token: str = "",
) -> Connection:
    """Change name, the follow switch (None keeps it) and secrets; empty secrets keep what is there."""
    # The channel first, as connection_connect does: the other way round they could wait for each other.
    channel = Channel.objects.select_for_update().get(connection=connection_id)
    connection = Connection.objects.get(pk=connection_id)
    if follow_makes_contact is not None and channel.follow_makes_contact != follow_makes_contact:
        channel.follow_makes_contact = follow_makes_contact
        channel.save(update_fields=["follow_makes_contact"])
    return connection_connect(
        platform=channel.platform,
        external_id=channel.external_id,
        name=name,
        secret=secret,
        token=token,
        verify_token=verify_token,
        sandbox=connection.is_sandbox,
    )
