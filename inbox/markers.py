"""What a thread shows between messages: another app had the chat, or messages may be missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from saifa_crm.lib import dates

from .models import Gap, ThreadControl


@dataclass(frozen=True, slots=True)
class Marker:
    """A line of its own in a thread, at its place in time; one that still lasts stands below the newest message."""

    at: dt.datetime
    text: str
    icon: str
    lasts: bool = False


def standby_markers(controls: Sequence[ThreadControl]) -> Iterator[Marker]:
    """One a stretch, from moments in order: another app took the chat, and gave it back or still has it."""
    taken: dt.datetime | None = None
    for control in controls:
        if not control.ours:
            taken = taken or control.at
        elif taken is not None:
            if control.at > taken:
                yield Marker(taken, _was_away(taken, control.at), "plug")
            taken = None
    if taken is not None:
        words = gettext("Another app has been handling this chat since %(start)s.")
        yield Marker(taken, words % {"start": dates.format_exact(taken)}, "plug", lasts=True)


def gap_markers(gaps: Sequence[Gap]) -> Iterator[Marker]:
    """One a stretch in which messages of the channel may not have come, with the reason why."""
    for gap in gaps:
        words = {"why": gap.get_reason_display(), "start": dates.format_exact(gap.started_at)}
        if gap.ended_at is None:
            text = gettext("Messages may be missing since %(start)s. %(why)s.") % words
            yield Marker(gap.started_at, text, "warn", lasts=True)
        else:
            words["end"] = _end(gap.started_at, gap.ended_at)
            text = gettext("Messages may be missing from %(start)s to %(end)s. %(why)s.") % words
            yield Marker(gap.started_at, text, "warn")


def _was_away(start: dt.datetime, end: dt.datetime) -> str:
    return gettext("Another app handled this chat from %(start)s to %(end)s.") % {
        "start": dates.format_exact(start),
        "end": _end(start, end),
    }


def _end(start: dt.datetime, end: dt.datetime) -> str:
    """The time alone where the day is the same."""
    same_day = start.astimezone(dates.BANGKOK).date() == end.astimezone(dates.BANGKOK).date()
    return dates.format_time(end) if same_day else dates.format_exact(end)


def placed(
    markers: Sequence[Marker], times: Sequence[dt.datetime], *, first: dt.datetime | None, last: dt.datetime | None
) -> list[list[Marker]]:
    """Markers above each of a page's messages, then those below the last one.

    `times` are the messages' in order. `first`: where older messages begin, None on the oldest page; `last`: where
    newer ones do, None on the newest. A marker stands on exactly one page.
    """
    rows: list[list[Marker]] = [[] for _ in range(len(times) + 1)]
    for marker in sorted(markers, key=lambda marker: marker.at):
        if marker.lasts:
            if last is None:
                rows[-1].append(marker)
        elif (first is None or marker.at >= first) and (last is None or marker.at < last):
            rows[next((place for place, at in enumerate(times) if marker.at <= at), len(times))].append(marker)
    return rows
