"""Check that what always holds (DESIGN section 3, rules 1 to 4) holds, over the whole database."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from overview.audit import audit


class Command(BaseCommand):
    help = "Prints what differs from the rules and exits 1 where something does; --repair mends it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what differs; exits 1 only for what is left")

    def handle(self, *args: Any, **options: Any) -> None:
        left = 0
        for check, findings, mended in audit(repair=options["repair"]):
            for finding in findings:
                self.stdout.write(str(finding))
            if mended:
                self.stdout.write(f"{check.key}: {len(findings)} mended")
            else:
                left += len(findings)
        self.stdout.write("Nothing differs." if not left else f"{left} differ.")
        if left:
            sys.exit(1)
