"""Post a webhook body from a file to a running server, signed as its platform would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_ingest.models import KEYED, Connection, ConnectionState, MetaCredential
from channels_ingest.platforms import ADAPTERS
from channels_ingest.platforms.events import NoticeEvent
from channels_ingest.services_connect import connection_connect
from channels_ingest.webhooks import META_OBJECTS


class Command(BaseCommand):
    help = "Posts FILE, correctly signed, to a running server. The body's account must be connected (see --connect)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--base-url", default=settings.PUBLIC_BASE_URL)
        parser.add_argument("--platform", choices=sorted(ADAPTERS), help="where the body does not tell")
        parser.add_argument("--connect", action="store_true", help="connect the body's account first, if it is not")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            body = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        try:
            decoded = json.loads(body)
        except ValueError:
            decoded = None
        platform = options["platform"] or platform_of(decoded)
        if platform is None:
            raise CommandError("The body does not tell its platform: name it with --platform.")
        connection = self._connection(platform, decoded, connect=options["connect"])
        path, headers = _signed(platform, body, connection)
        try:
            answer = requests.post(
                f"{options['base_url'].rstrip('/')}{path}",
                data=body,
                headers={"Content-Type": "application/json", **headers},
                timeout=30,
            )
        except requests.ConnectionError as error:
            raise CommandError(f"No server answers at {options['base_url']}.") from error
        self.stdout.write(f"{answer.status_code} {path}")
        if not answer.ok:
            raise CommandError(f"The server answered {answer.status_code}: {answer.text[:200]}")

    def _connection(self, platform: str, decoded: Any, *, connect: bool) -> Connection | None:
        connection = None
        for account_id in account_ids(platform, decoded):
            connection = (
                Connection.objects.select_related("channel")
                .filter(channel__platform=platform, channel__external_id=account_id)
                .exclude(state=ConnectionState.DISCONNECTED)
                .first()
            )
            if connection is None and connect:
                connection = connection_connect(
                    platform=platform,
                    external_id=account_id,
                    name=f"Fixture {account_id[-4:]}",
                    secret=secrets.token_hex(16),
                    token="",
                    verify_token="",
                )
            if connection is None:
                self.stderr.write(f"{platform} account {account_id} is not connected: its events become strays.")
        return connection or Connection.objects.filter(channel__platform=platform).first()


def platform_of(decoded: Any) -> str | None:
    """The platform a body is of, by its shape."""
    if not isinstance(decoded, dict):
        return None
    if "events" in decoded:
        return "line"
    if "update_id" in decoded:
        return "telegram"
    return META_OBJECTS.get(str(decoded.get("object")))


def account_ids(platform: str, decoded: Any) -> list[str]:
    """Accounts that a body is for, in order, each once."""
    if not isinstance(decoded, dict):
        return []
    if platform == "telegram":
        return []  # no update names its bot
    if platform == "line":
        found = [decoded.get("destination")]
    elif platform == "whatsapp":
        events = ADAPTERS[platform].parse(decoded)
        found = [event.account_id for event in events if not isinstance(event, NoticeEvent)]  # of a whole account
    else:
        entries = decoded.get("entry")
        found = [entry.get("id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return list(dict.fromkeys(str(one) for one in found if one))


def _signed(platform: str, body: bytes, connection: Connection | None) -> tuple[str, dict[str, str]]:
    if platform in KEYED and (connection is None or not connection.secrets):
        raise CommandError(f"No {platform} channel is connected: use connect_channel first.")
    if platform == "telegram" and connection:
        path = f"/webhooks/telegram/{connection.webhook_key}/"
        return path, {"X-Telegram-Bot-Api-Secret-Token": connection.secrets[0]}
    if platform == "line" and connection:
        digest = hmac.new(connection.secrets[0].encode(), body, hashlib.sha256).digest()
        return f"/webhooks/line/{connection.webhook_key}/", {"X-Line-Signature": base64.b64encode(digest).decode()}
    credential = MetaCredential.objects.filter(kind=MetaCredential.Kind.APP_SECRET).order_by("-id").first()
    if credential is None:
        raise CommandError("No Meta app secret is known: use --connect, or connect_channel first.")
    digest_hex = hmac.new(credential.value.encode(), body, hashlib.sha256).hexdigest()
    return f"/webhooks/{platform}/", {"X-Hub-Signature-256": f"sha256={digest_hex}"}
