"""Days and moments in Bangkok: ranges for filters, and how a moment is written."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, pgettext

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_OFFSET = 543
EN_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
TH_MONTHS = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
MINUTE, HOUR = 60, 3600
CLOCK_SKEW = 5 * MINUTE  # a platform's clock may run ahead of ours by this much (DESIGN.md, rule 3)


def today() -> dt.date:
    """The date in Bangkok now."""
    return timezone.now().astimezone(BANGKOK).date()


def day_start(day: dt.date) -> dt.datetime:
    """The first moment of a Bangkok day, aware."""
    return dt.datetime.combine(day, dt.time(), BANGKOK)


def bangkok_day_range(first: dt.date | None, last: dt.date | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Half-open range [start, end) of whole Bangkok days, both days included; None for an open end."""
    start = day_start(first) if first and first > dt.date.min else None  # the very first has no UTC moment
    if last is None:
        return start, None
    end = day_start(last + dt.timedelta(days=1)) if last < dt.date.max else None
    return start, end


def _thai() -> bool:
    return (get_language() or "en").startswith("th")


def format_day(day: dt.date) -> str:
    """22 Nov 2026, in Thai 22 พ.ย. 2569."""
    return _day(day, _thai())


def format_time(moment: dt.datetime) -> str:
    """14:05, in Thai 14:05 น."""
    return _clock(moment.astimezone(BANGKOK), _thai())


def format_exact(moment: dt.datetime) -> str:
    """22 Nov 2026, 14:05."""
    local, thai = moment.astimezone(BANGKOK), _thai()
    return f"{_day(local, thai)}, {_clock(local, thai)}"


def _day(day: dt.date, thai: bool) -> str:
    if thai:
        return f"{day.day} {TH_MONTHS[day.month - 1]} {day.year + BUDDHIST_OFFSET}"
    return f"{day.day} {EN_MONTHS[day.month - 1]} {day.year}"


def _clock(local: dt.datetime, thai: bool) -> str:
    clock = f"{local.hour:02}:{local.minute:02}"
    return f"{clock} น." if thai else clock


def format_relative(moment: dt.datetime, now: dt.datetime | None = None) -> str:
    """ "5 min ago" within a day, "Yesterday" and "3 days ago" within seven, else the date."""
    now = now or timezone.now()
    seconds = (now - moment).total_seconds()
    day = moment.astimezone(BANGKOK).date()
    days = (now.astimezone(BANGKOK).date() - day).days
    if seconds < -CLOCK_SKEW or days >= 7:
        return format_day(day)
    if seconds < MINUTE:
        return gettext("Just now")
    if seconds < HOUR:
        return ngettext("%(n)d min ago", "%(n)d min ago", int(seconds // MINUTE)) % {"n": seconds // MINUTE}
    if days == 0 or seconds < 12 * HOUR:
        return ngettext("%(n)d h ago", "%(n)d h ago", int(seconds // HOUR)) % {"n": seconds // HOUR}
    if days == 1:
        return pgettext("day", "Yesterday")
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
