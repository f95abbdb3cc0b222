"""What the channels page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.models import Platform
from contacts.selectors import profile_queue

from .alerts import ends_soon
from .counters import last_events, refusals_today
from .health import Day, days, serious_notices
from .models import KEYED, Connection, ConnectionState, MetaCredential, Notice
from .services_connect import webhook_url

STEPS: dict[str, Any] = {
    "webhook_not_https": _("Give this server a public https address (PUBLIC_BASE_URL): platforms post to nothing else"),
    "subscribe_failed": _("Subscribing failed: give the token the messaging permissions, then press Check again"),
    "use_webhook_off": _("In LINE Developers, Messaging API, switch on “Use webhook”"),
    "webhook_elsewhere": _("The platform posts to another server now: press Check again to bring it back here"),
    "waba_unknown": _("Subscribe the app to the WhatsApp account by hand: the token may not read which one it is"),
    "bot_token": _("Press Edit and paste the bot's token: Telegram is told where to post with it"),
    "webhook_secret": _("Press Edit and type a secret: Telegram sends it with every message"),
    "webhook_failing": _("Telegram cannot deliver to this server: see that it answers under its public address"),
    "app_secret": _("Press Edit and type the app secret: without it every post of Meta's is refused"),
    "channel_secret": _("LINE signs every message with the channel secret. Copy it from Basic settings."),
    "verify_token": _("Press Edit and choose a verify token: Meta's dashboard asks for it with the callback URL"),
}
PILLS = {
    ConnectionState.CONNECTED: "ok",
    ConnectionState.UNCHECKED: "warn",
    ConnectionState.RECONNECT: "bad",
    ConnectionState.DISCONNECTED: "idle",
}


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection with what is derived from it."""

    connection: Connection
    webhook_url: str
    steps: list[Any]
    pill: str
    last_event_at: Any
    refused_today: int
    day: Day
    nameless: int
    notices: list[Notice]

    @property
    def ends_at(self) -> dt.datetime | None:
        """When the token ends, where that is within the week."""
        return self.connection.token_expires_at if ends_soon(self.connection) else None

    @property
    def needs_attention(self) -> bool:
        waits = self.connection.state in (ConnectionState.RECONNECT, ConnectionState.UNCHECKED)
        return waits or bool(self.steps or self.notices)


def connection_rows() -> list[ConnectionRow]:
    """All connections: those that need attention first, disconnected ones last. Five queries."""
    kept = set(MetaCredential.objects.values_list("kind", flat=True))
    connections = list(
        Connection.objects.select_related("channel").order_by("channel__platform", "channel__name", "pk")
    )
    live = last_events([connection.channel_id for connection in connections])
    seen = {c.channel_id: live.get(c.channel_id) or c.last_event_at for c in connections}
    nameless = profile_queue([connection.channel_id for connection in connections])
    refused = {platform: refusals_today(platform) for platform in {c.channel.platform for c in connections}}
    fared = days([connection.channel_id for connection in connections])
    told = serious_notices([c.channel_id for c in connections if c.state != ConnectionState.DISCONNECTED])
    rows = [
        ConnectionRow(
            connection=connection,
            webhook_url=webhook_url(connection),
            steps=_steps(connection, heard=bool(seen.get(connection.channel_id)), meta=kept),
            pill=PILLS[ConnectionState(connection.state)],
            last_event_at=seen.get(connection.channel_id),
            refused_today=refused[connection.channel.platform],
            nameless=nameless.get(connection.channel_id, 0),
            day=fared[connection.channel_id],
            notices=told.get(connection.channel_id, []),
        )
        for connection in connections
    ]
    return sorted(rows, key=lambda row: (row.connection.state == ConnectionState.DISCONNECTED, not row.needs_attention))


def _steps(connection: Connection, *, heard: bool, meta: Collection[str]) -> list[Any]:
    """Plain steps still to do; `meta`: kinds of Meta credential that are kept.

    Meta's callback cannot be read back: it is done when the first event has come.
    """
    if connection.state == ConnectionState.DISCONNECTED:
        return []
    missing = [] if connection.is_sandbox else connection.missing
    steps = [STEPS.get(key, key) for key in missing]
    if connection.state == ConnectionState.RECONNECT:
        steps.insert(0, _("The platform refuses the token: make a new one and save it here. Messages still arrive"))
    if ends_soon(connection):
        steps.insert(0, _("The token ends soon: make a new one and save it here, so that nothing stops"))
    if connection.state != ConnectionState.RECONNECT and connection.state_note:
        steps.insert(0, _("The platform did not confirm the token: press Check again"))
    if connection.channel.platform == Platform.LINE and not connection.secrets:
        steps.append(STEPS["channel_secret"])
    if connection.channel.platform == Platform.TELEGRAM and not connection.token:
        steps.append(STEPS["bot_token"])
    if connection.channel.platform not in KEYED:
        steps += [STEPS[kind] for kind in MetaCredential.Kind.values if kind not in meta]
    if not heard and connection.channel.platform not in KEYED:
        steps.append(_("In Meta's dashboard, set the callback URL and the verify token, and tick the messages field"))
    elif not heard and connection.state == ConnectionState.UNCHECKED and connection.channel.platform == Platform.LINE:
        steps.append(_("In LINE Developers, Messaging API, paste the webhook URL and press Verify"))
    return steps


def credentials_to_end() -> list[MetaCredential]:
    """Meta app secrets and verify tokens of which several are accepted, newest first; without their values."""
    kept = list(MetaCredential.objects.defer("value").order_by("kind", "-pk"))
    kinds = [one.kind for one in kept]
    return [one for one in kept if kinds.count(one.kind) > 1]
