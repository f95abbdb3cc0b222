"""Load the demo shop through a running server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from overview.demo.loader import DemoFailed, demo_begin, demo_load


class Command(BaseCommand):
    help = "Loads the demo shop by posting signed webhooks to the running server; prints how to sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000")
        parser.add_argument(
            "--people-only",
            action="store_true",
            help="only prepare the sandbox's file of people",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        demo_begin()
        if options["people_only"]:
            return
        try:
            sign_in = demo_load(base_url=options["base_url"].rstrip("/"), say=self.stderr.write)
        except DemoFailed as error:
            raise CommandError(f"The demo shop is not complete: {error}. Run load_demo again to go on.") from error
        self.stdout.write(f"Sign in as {sign_in.username} with the password {sign_in.password} (shown only now).")
