"""Runs the stand-in for the platforms' APIs until it is interrupted."""

from __future__ import annotations

import json
import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_ingest.sandbox.directory import Directory
from channels_ingest.sandbox.server import Sandbox


class Command(BaseCommand):
    help = "Answers the calls that the platforms' APIs would. For the demo shop and tests."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8099, help="port to listen on; 0 takes a free one")
        parser.add_argument("--people", type=Path, help="JSON file of people and accounts to start with")

    def handle(self, *args: Any, host: str, port: int, people: Path | None, **options: Any) -> None:
        directory = Directory()
        try:
            if people:
                directory.load(json.loads(people.read_text("utf-8")))
            server = Sandbox(host, port, directory)
        except (OSError, OverflowError, ValueError) as error:
            raise CommandError(f"The sandbox cannot start: {error}") from error
        self.stdout.write(server.url)
        self.stdout.flush()
        for number in (signal.SIGTERM, signal.SIGINT):
            # shutdown() waits for the loop, which runs in this very thread.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        with server:
            server.serve_forever()
