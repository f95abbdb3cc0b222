"""Tags and filters of the interface: icons, avatars, money, phones, times."""

from __future__ import annotations

import datetime as dt
import zlib
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from saifa_crm.lib import dates, money, phones, thai_text

register = template.Library()

PLATFORMS = {
    "facebook": ("p-fb", "Facebook"),
    "instagram": ("p-ig", "Instagram"),
    "line": ("p-line", "LINE"),
    "whatsapp": ("p-wa", "WhatsApp"),
    "telegram": ("p-tg", "Telegram"),
}
TINTS = ("rose", "coral", "amber", "lime", "green", "teal", "sky", "blue", "violet", "plum", "brown", "slate")


def _use(name: str) -> str:
    return f"{static('icons.svg')}#{name}"


# Kept: a page of the list holds hundreds of the same few icons, and looking up the sprite's address is what they cost.
@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "search" %}`, `{% icon "x" "14" %}`: decorative, hidden from screen readers."""
    sized = f" i-{size}" if size else ""
    return format_html('<svg class="i{}" aria-hidden="true"><use href="{}"/></svg>', sized, _use(f"i-{name}"))


@register.simple_tag
@lru_cache(maxsize=512)
def glyph(name: str) -> SafeString:
    """An icon that takes its size and fill from what it stands in: the VIP star, the brand bolt."""
    return format_html('<svg viewBox="0 0 20 20" aria-hidden="true"><use href="{}"/></svg>', _use(name))


@register.simple_tag
@lru_cache(maxsize=512)
def platform_icon(platform: str, size: str = "", named: bool = False) -> SafeString:
    """The platform's mark, with its name for screen readers unless the name stands beside it (`named`)."""
    symbol, name = PLATFORMS.get(platform, ("i-chat", platform))
    sized = f" plat-{size}" if size else ""
    if named:
        return format_html('<svg class="plat{}" aria-hidden="true"><use href="{}"/></svg>', sized, _use(symbol))
    return format_html(
        '<svg class="plat{}" role="img" aria-label="{}"><use href="{}"/></svg>', sized, name, _use(symbol)
    )


# Avatars and times stand in each row: put together by hand, they cost half of what format_html does.
@register.simple_tag
def avatar(name: str, picture_url: str = "", size: str = "") -> SafeString:
    """The person's picture, else their first letter on a tint derived from the name; the name stands beside it."""
    sized = f" av-{size}" if size else ""
    if picture_url:
        shown = f'<img src="{escape(picture_url)}" alt="" loading="lazy">'
        return mark_safe(f'<span class="av{sized}">{shown}</span>')  # noqa: S308 escaped
    tint = TINTS[zlib.crc32(name.encode("utf-8", "replace")) % len(TINTS)]
    shown = f'<span aria-hidden="true">{escape(thai_text.first_letter(name))}</span>'
    return mark_safe(f'<span class="av{sized}" data-h="{tint}">{shown}</span>')  # noqa: S308 escaped


@register.filter
def baht(amount: Decimal | int | None) -> str:
    """฿12,450.00; empty for none."""
    return "" if amount is None else money.format_baht(amount)


@register.filter
def phone(e164: str) -> str:
    """081-234-5678."""
    return phones.format_phone(e164)


@register.filter
def when(moment: dt.datetime | None) -> SafeString | str:
    """A `<time>`: relative under seven days, else the date; exact in its title."""
    if moment is None:
        return ""
    machine = moment.astimezone(dates.BANGKOK).isoformat(timespec="seconds")
    told, near = escape(dates.format_exact(moment)), escape(dates.format_relative(moment))
    return mark_safe(f'<time datetime="{machine}" title="{told}">{near}</time>')  # noqa: S308 escaped


@register.filter
def exact(moment: dt.datetime | None) -> SafeString | str:
    """A `<time>` with day and clock."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        moment.astimezone(dates.BANGKOK).isoformat(timespec="seconds"),
        dates.format_exact(moment),
    )


@register.filter
def clock(moment: dt.datetime | None) -> str:
    """14:05 in Bangkok."""
    return "" if moment is None else dates.format_time(moment)


@register.filter
def day(moment: dt.datetime | dt.date | None) -> str:
    """22 Nov 2026 in Bangkok."""
    if moment is None:
        return ""
    return dates.format_day(moment.astimezone(dates.BANGKOK).date() if isinstance(moment, dt.datetime) else moment)


@register.filter
def dash(value: Any, spoken: str = "") -> Any:
    """The value, or an en dash that is spoken as `spoken` ("No phone")."""
    if value not in (None, "", []):
        return value
    return format_html('<span aria-hidden="true">–</span><span class="sr">{}</span>', spoken or gettext("None"))


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The current query string with some parameters changed; None removes one. Starts with "?"."""
    params: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}"
