"""Load an invented shop of any size to measure with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from overview.benchmark_data.loader import SeedRefused, benchmark_seed, last_day


class Command(BaseCommand):
    help = (
        "Loads an invented shop by COPY: per contact 1.2 identities, 10 messages and 0.6 orders, over 20 channels and "
        "40 labels. The same size and last day give the same rows. Only into a database without contacts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--contacts", type=int, required=True, help="how many, 1,000,000 at a time at most 10 times"
        )
        parser.add_argument("--until", type=dt.date.fromisoformat, help="the shop's last day, default yesterday")
        parser.add_argument("--replace", action="store_true", help="replace what an earlier load made")

    def handle(self, *args: Any, **options: Any) -> None:
        contacts = options["contacts"]
        if not 1 <= contacts <= 10_000_000:
            raise CommandError("--contacts is from 1 to 10,000,000.")
        until = options["until"] or last_day()
        try:
            seeded = benchmark_seed(contacts=contacts, until=until, replace=options["replace"], say=self.stderr.write)
        except SeedRefused as error:
            raise CommandError(str(error)) from error
        for table, rows in seeded.rows.items():
            self.stdout.write(f"{table} {rows}")
        self.stdout.write(f"until {until}")
        self.stdout.write(f"digest {seeded.digest}")
        self.stdout.write(f"seconds {seeded.seconds:.1f}")
