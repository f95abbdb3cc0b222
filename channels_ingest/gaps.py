"""Notices when messages may have been missed: this server was silent, or a platform did not post."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from inbox.gaps import gap_add, gap_close, gap_open
from inbox.models import Gap
from saifa_crm.lib.locks import lock_name

from .models import OF_META, Connection, ConnectionState, Heartbeat

WEB = "web"
SILENCE = dt.timedelta(minutes=2)  # platforms try again for longer than a restart takes
# Steps that tell that a platform does not post here; `subscribe_failed` alone may be a call that failed.
SILENT_STEPS = {Gap.Reason.INACTIVE: {"use_webhook_off"}, Gap.Reason.UNSUBSCRIBED: {"webhook_elsewhere"}}


def _connected() -> QuerySet[Connection]:
    return Connection.objects.exclude(state=ConnectionState.DISCONNECTED)


@transaction.atomic
def web_alive(*, since: dt.datetime, now: dt.datetime) -> None:
    """Note that a web process runs, and has run since `since`; a silence before that is a gap of every channel.

    One that was cut off from the database but answered has not been silent: its posts were spooled or refused.
    """
    lock_name("channels.heartbeat")
    last = Heartbeat.objects.filter(name=WEB).first()
    if last is not None and since - last.at > SILENCE:
        ids = list(_connected().values_list("channel_id", flat=True))
        gap_add(channel_ids=ids, reason=Gap.Reason.DOWN, started_at=last.at, ended_at=since)
    if last is None or last.at < now:
        Heartbeat.objects.update_or_create(name=WEB, defaults={"at": now})


def posts_refused(told: Collection[str]) -> None:
    """Posts were answered 503: each "<minute>|<platform>|<channel id>", the last two empty where not known.

    An app of Meta's may have one address for all its products, so a platform of theirs stands for all of them.
    """
    minutes: dict[tuple[str, str], list[int]] = {}
    for minute, platform, channel_id in (one.split("|") for one in told):
        minutes.setdefault((platform, channel_id), []).append(int(minute))
    for (platform, channel_id), found in sorted(minutes.items()):
        channels = _connected()
        if channel_id:
            channels = channels.filter(channel_id=channel_id)
        elif platform:
            channels = channels.filter(channel__platform__in=OF_META if platform in OF_META else [platform])
        ids = list(channels.values_list("channel_id", flat=True))
        for first, last in _stretches(sorted(found)):
            gap_add(channel_ids=ids, reason=Gap.Reason.REFUSED, started_at=first, ended_at=last)


def _stretches(minutes: Sequence[int]) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Start and end of each run of minutes; a break shorter than SILENCE does not end one."""
    first = last = minutes[0]
    for minute in [*minutes[1:], None]:
        if minute is not None and minute - last <= SILENCE.total_seconds():
            last = minute
            continue
        yield dt.datetime.fromtimestamp(first, dt.UTC), dt.datetime.fromtimestamp(last + 60, dt.UTC)
        if minute is not None:
            first = last = minute


def gaps_from_check(
    checked: Connection, *, before: dt.datetime | None, was_off: bool = False, now: dt.datetime | None = None
) -> None:
    """Open or close the gaps that a look at a connection's webhook (`missing`) tells of.

    `before`: when it was last looked at, from when on nobody knows; `was_off`: the subscription was gone, and has
    been made anew unless `subscribe_failed`; `now`: of the look, else of the check. A look that came to nothing says
    nothing.
    """
    now = now or checked.checked_at or timezone.now()
    missing, channels = set(checked.missing), [checked.channel_id]
    failed = "subscribe_failed" in missing
    if "webhook_not_https" in missing or (failed and not was_off):
        return
    # What came after the last look shows that it worked until then.
    known = max((at for at in (before, checked.last_event_at) if at is not None), default=None)
    since = min(known or now, now)
    for reason, steps in SILENT_STEPS.items():
        if steps & missing or (failed and reason == Gap.Reason.UNSUBSCRIBED):
            gap_open(channel_ids=channels, reason=reason, started_at=since)
        else:
            gap_close(channel_ids=channels, reason=reason, ended_at=now)
    if was_off and not failed and known is not None:
        gap_add(channel_ids=channels, reason=Gap.Reason.UNSUBSCRIBED, started_at=since, ended_at=now)
