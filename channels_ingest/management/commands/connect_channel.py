"""Connect a page or account from the command line; repeating it updates."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_ingest.models import ConnectionState
from channels_ingest.platforms import ADAPTERS
from channels_ingest.selectors import STEPS
from channels_ingest.services_check import connection_check
from channels_ingest.services_connect import ConnectFault, connection_connect, must_be_told, webhook_url


class Command(BaseCommand):
    help = "Connects a channel and prints, alone on the last line, the webhook URL to give to the platform."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--platform", required=True, choices=sorted(ADAPTERS))
        parser.add_argument(
            "--external-id",
            required=True,
            help="page id, Instagram account id, LINE bot user id, WhatsApp phone number id, Telegram bot id",
        )
        parser.add_argument("--name", default="", help="name shown to the staff")
        parser.add_argument(
            "--secret",
            default="",
            help="LINE channel secret; Meta app secret (added to the valid ones); Telegram: made up where empty",
        )
        parser.add_argument("--token", default="", help="access token; without one only ingest works")
        parser.add_argument("--verify-token", default="", help="Meta: added to the valid verify tokens")
        parser.add_argument("--provider", help="LINE: accounts of one provider share their people")
        parser.add_argument("--sandbox", action="store_true", help="talk to platform_sandbox (tests and demo)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            connection = connection_connect(
                platform=options["platform"],
                external_id=options["external_id"].strip(),
                name=options["name"].strip(),
                secret=options["secret"].strip(),
                token=options["token"].strip(),
                verify_token=options["verify_token"].strip(),
                provider=options["provider"],
                sandbox=options["sandbox"],
            )
        except ConnectFault as error:
            raise CommandError(f"--{error.fault.replace('_', '-')} is missing or not valid") from error
        if options["token"] or must_be_told(connection, options["secret"]):
            connection = connection_check(connection_id=connection.pk)
        if connection.state != ConnectionState.CONNECTED or connection.state_note:
            reason = connection.state_note or "no token was checked"
            self.stderr.write(f"Warning: the token was not confirmed ({reason}). Messages are taken in all the same.")
        for key in connection.missing:
            self.stderr.write(f"Still to do: {STEPS.get(key, key)}")
        self.stdout.write(webhook_url(connection))
