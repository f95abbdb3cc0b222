"""drain_spool: applies what was spooled while the database was away; one beside the web server of each host."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from channels_ingest.drain import Drainer, only_drainer
from channels_ingest.spool import make_folder, waiting


class Command(BaseCommand):
    help = "Drains SPOOL_DIR until it is stopped (SIGTERM); with --once, what is there now."
    requires_system_checks = ()  # it starts while the database is away

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, then say what is left")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if not once:
            Drainer(stop).run()
            return
        make_folder()
        with only_drainer() as alone:
            applied = Drainer(stop).drain() if alone else 0
        if not alone:
            self.stderr.write("Another process drains this folder already.")
        self.stdout.write(f"{applied} applied, {len(waiting())} waiting")
