"""Read raw events again after a parser was corrected, and bring stored messages to what it says now."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from channels_ingest.replay import Replayed, events_replay
from contacts.models import Channel


class Command(BaseCommand):
    help = "Repeats the reading of raw events (kept RAW_EVENT_RETENTION_DAYS days). Edited and unsent messages stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", required=True, help="2026-11-20 or 2026-11-20T14:00, Bangkok time")
        parser.add_argument("--channel", type=int, help="id of one channel")
        parser.add_argument("--dry-run", action="store_true", help="only say how many messages would change")

    def handle(self, *args: Any, since: str, channel: int | None, dry_run: bool, **options: Any) -> None:
        if channel is not None and not Channel.objects.filter(pk=channel).exists():
            raise CommandError(f"There is no channel {channel}.")

        def progress(so_far: Replayed) -> None:
            self.stderr.write(f"{so_far.read} read")

        done = events_replay(since=moment(since), channel_id=channel, dry_run=dry_run, progress=progress)
        change = "would change" if dry_run else "changed"
        self.stdout.write(
            f"{done.read} read, {done.changed} {change}, {done.unreadable} hold no message for the parser"
        )


def moment(text: str) -> dt.datetime:
    """A date, from its midnight on, or a time; Bangkok's where it names no zone. Raises CommandError."""
    try:
        day = parse_date(text)
        at = dt.datetime.combine(day, dt.time()) if day else parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise CommandError(f"--since {text} is neither a date nor a time.")
    return timezone.make_aware(at) if timezone.is_naive(at) else at
