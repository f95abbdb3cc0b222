"""Connecting channels: one service for the page, the command and the demo; ingest never waits for a working token."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.models import Channel, Platform
from contacts.services import channel_rescope
from saifa_crm.lib.locks import lock_name
from saifa_crm.lib.safe_text import storable

from .accounts import assumed_expiry
from .alerts import alerts
from .encryption import fingerprint
from .models import KEYED, Connection, ConnectionState, MetaCredential
from .platforms import ADAPTERS, ways
from .secret_store import store

SECRETS_KEPT = 2  # the new one and, while it is being rotated, the one before
MAX_NAME = MAX_ID = 255
MAX_PROVIDER = 200
TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what setWebhook takes (PROTOCOLS 5)
PROVIDER_PREFIX = "line:provider:"


class ConnectFault(Exception):
    """What was given cannot make a connection; `fault` is a key that page and command put into words."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def webhook_url(connection: Connection) -> str:
    """The URL the platform must post this channel's events to."""
    platform = connection.channel.platform
    path = f"{platform}/{connection.webhook_key}" if platform in KEYED else platform
    return f"{settings.PUBLIC_BASE_URL}/webhooks/{path}/"


def must_be_told(connection: Connection, secret: str) -> bool:
    """Whether a new secret is good only once the platform knows it: Telegram sends what setWebhook gave it."""
    return bool(secret and connection.token) and connection.channel.platform == Platform.TELEGRAM


def scope_for(platform: str, external_id: str, provider: str) -> str:
    """Whose ids a channel's people have: those of a named LINE provider, else its own."""
    if platform == Platform.LINE and provider:
        return f"{PROVIDER_PREFIX}{provider}"
    return f"{platform}:{external_id}"


def provider_of(channel: Channel) -> str:
    """The LINE provider a channel's people belong to; empty where it is on its own."""
    return channel.scope.removeprefix(PROVIDER_PREFIX) if channel.scope.startswith(PROVIDER_PREFIX) else ""


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
    provider = provider if provider is None else provider.strip()
    _refuse_faults(platform, external_id, provider or "", secret)
    _one_at_a_time()
    channel = _channel(platform, external_id, name[:MAX_NAME], provider)
    connection = Connection.objects.select_for_update().filter(channel=channel).first() or Connection(channel=channel)
    _secrets_keep(connection, secret=secret, token=token, verify_token=verify_token)
    if token or connection.state == ConnectionState.DISCONNECTED:
        connection.state, connection.state_note = ConnectionState.UNCHECKED, ""
    connection.is_sandbox = sandbox
    connection.save()
    _secrets_changed()
    transaction.on_commit(alerts.forget, robust=True)
    return connection


def _refuse_faults(platform: str, external_id: str, provider: str, secret: str) -> None:
    if platform not in ADAPTERS:
        raise ConnectFault("platform")
    if not 0 < len(external_id) <= MAX_ID or storable(external_id) != external_id:
        raise ConnectFault("external_id")
    if len(provider) > MAX_PROVIDER or storable(provider) != provider:
        raise ConnectFault("provider")
    if platform == Platform.TELEGRAM and secret and not TELEGRAM_SECRET.fullmatch(secret):
        raise ConnectFault("secret")


def _one_at_a_time() -> None:
    """Two who connect the same new account at once become one channel; connecting is rare."""
    lock_name("channels.connect")


def _secrets_keep(connection: Connection, *, secret: str, token: str, verify_token: str) -> None:
    """Put new secrets in front; LINE's and Telegram's belong to the connection, Meta's to the deployment.

    Telegram's is of our own choice: made here where nobody chose one.
    """
    now, platform = timezone.now(), connection.channel.platform
    if platform == Platform.TELEGRAM and not secret and not connection.secrets:
        secret = secrets.token_urlsafe(32)
    if secret and platform in KEYED:
        others = [one for one in connection.secrets if one != secret]
        connection.secrets, connection.secret_set_at = [secret, *others][:SECRETS_KEPT], now
    elif secret:
        meta_credential_add(kind=MetaCredential.Kind.APP_SECRET, value=secret)
    if verify_token and platform not in KEYED:
        meta_credential_add(kind=MetaCredential.Kind.VERIFY_TOKEN, value=verify_token)
    if token:
        connection.token, connection.token_set_at, connection.token_refreshed_at = token, now, None
        connection.via_page = ways(connection.channel.platform, token)[0]
        connection.token_expires_at = assumed_expiry(connection)


def _secrets_changed() -> None:
    """After the commit too: before it, another thread could have read the old ones again."""
    store.forget()
    transaction.on_commit(store.forget)


def _channel(platform: str, external_id: str, name: str, provider: str | None) -> Channel:
    channel = Channel.objects.select_for_update(no_key=True).filter(platform=platform, external_id=external_id).first()
    if channel is None:
        return Channel.objects.create(
            platform=platform,
            external_id=external_id,
            name=name or external_id[:MAX_NAME],
            scope=scope_for(platform, external_id, provider or ""),
        )
    if name and name != channel.name:
        channel.name = name
        channel.save(update_fields=["name"])
    if provider is not None and channel.scope != scope_for(platform, external_id, provider):
        channel_rescope(channel=channel, scope=scope_for(platform, external_id, provider))
    return channel


@transaction.atomic
def meta_credential_add(*, kind: str, value: str) -> None:
    """Add an app secret or verify token to the deployment's valid ones; a known value is moved to the front."""
    mark = fingerprint(value)
    MetaCredential.objects.filter(kind=kind, fingerprint=mark).delete()
    MetaCredential.objects.bulk_create(
        [MetaCredential(kind=kind, fingerprint=mark, value=value)], ignore_conflicts=True
    )
    _secrets_changed()


@transaction.atomic
def meta_credential_end(*, credential_id: int) -> bool:
    """Stop accepting an app secret or verify token; False where it is the only one of its kind, or gone already."""
    rows = MetaCredential.objects.select_for_update().order_by("pk").only("pk", "kind")
    ended = {row.pk: row.kind for row in rows}
    kind = ended.get(credential_id)
    if kind is None or list(ended.values()).count(kind) == 1:
        return False
    MetaCredential.objects.filter(pk=credential_id).delete()
    _secrets_changed()
    return True


@transaction.atomic
def connection_disconnect(*, connection_id: int) -> None:
    """Stop taking events and forget token and secrets; contacts and chats stay."""
    _one_at_a_time()
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    connection.secrets, connection.token = [], ""
    connection.secret_set_at = connection.token_set_at = None
    connection.token_expires_at = connection.token_refreshed_at = None
    connection.state, connection.state_note, connection.missing = ConnectionState.DISCONNECTED, "", []
    connection.save()
    _secrets_changed()
    transaction.on_commit(alerts.forget, robust=True)


@transaction.atomic
def connection_edit(
    *,
    connection_id: int,
    name: str,
    follow_makes_contact: bool | None,
    provider: str | None = None,
    secret: str = "",
    token: str = "",
    verify_token: str = "",
) -> Connection:
    """Change name, the follow switch, the provider (None keeps them) and secrets; empty secrets keep what is there.

    A disconnected connection is left alone: connecting it again is a choice of its own.
    """
    _one_at_a_time()
    connection = Connection.objects.select_related("channel").get(pk=connection_id)
    if connection.state == ConnectionState.DISCONNECTED:
        return connection
    channel = connection.channel
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
        provider=provider,
        sandbox=connection.is_sandbox,
    )
