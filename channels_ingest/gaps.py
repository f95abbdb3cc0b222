"""Notices when messages may have been missed: this server was silent, or a platform did not post."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from inbox.gaps import gap_add, gap_close, gap_open
from inbox.models import Gap

from .models import Connection, ConnectionState, Heartbeat

WEB = "web"
SILENCE = dt.timedelta(minutes=2)  # platforms try again for longer than a restart takes
SILENT_STEPS = {
    Gap.Reason.INACTIVE: {"use_webhook_off"},
    Gap.Reason.UNSUBSCRIBED: {"subscribe_failed", "webhook_elsewhere"},
}


def _connected() -> list[int]:
    found = Connection.objects.exclude(state=ConnectionState.DISCONNECTED)
    return list(found.values_list("channel_id", flat=True))


@transaction.atomic
def web_alive(*, since: dt.datetime, now: dt.datetime) -> None:
    """Note that a web process runs, and has run since `since`; a silence before that is a gap of every channel.

    One that was cut off from the database but answered has not been silent: its posts were spooled or refused.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('channels.heartbeat'))")
    last = Heartbeat.objects.filter(name=WEB).first()
    if last is not None and since - last.at > SILENCE:
        gap_add(channel_ids=_connected(), reason=Gap.Reason.DOWN, started_at=last.at, ended_at=since)
    if last is None or last.at < now:
        Heartbeat.objects.update_or_create(name=WEB, defaults={"at": now})


def posts_refused(*, first: dt.datetime, last: dt.datetime) -> None:
    """Posts were answered 503 in this stretch: which channel's they were is not known."""
    gap_add(channel_ids=_connected(), reason=Gap.Reason.REFUSED, started_at=first, ended_at=last)


def gaps_from_check(checked: Connection, *, before: dt.datetime | None, was_off: bool = False) -> None:
    """Open or close the gaps that a check of a connection tells of.

    `before`: when it was last looked at, from when on nobody knows; `was_off`: the subscription was gone and has
    been made anew.
    """
    now = checked.checked_at or dt.datetime.now(dt.UTC)
    channels = [checked.channel_id]
    for reason, steps in SILENT_STEPS.items():
        if steps.intersection(checked.missing):
            gap_open(channel_ids=channels, reason=reason, started_at=before or now)
        else:
            gap_close(channel_ids=channels, reason=reason, ended_at=now)
    if was_off and before is not None:
        gap_add(channel_ids=channels, reason=Gap.Reason.UNSUBSCRIBED, started_at=before, ended_at=now)
