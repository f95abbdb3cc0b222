"""Replies in words: what is left of the reply window or the quota, and why one was not sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Channel, Platform

from .carriers import Reason, Terms
from .replies import ReplyRefused

SHORT = dt.timedelta(hours=6)  # amber from here on
SCARCE = 0.9  # of the quota

# Where the shop itself writes: what cannot be sent from here may still be sent there.
_OWN_APPS = {
    Platform.FACEBOOK: _("Meta Business Suite"),
    Platform.INSTAGRAM: _("the Instagram app"),
    Platform.LINE: _("LINE Official Account Manager"),
    Platform.WHATSAPP: _("WhatsApp Manager"),
    Platform.TELEGRAM: _("the Telegram app"),
}
_FAILURES: dict[Reason, str | Promise] = {
    Reason.TOO_LONG: _("Not sent: the message is too long for %(platform)s."),
    Reason.WINDOW: _("Not sent: the reply window was closed. It opens again when the customer writes."),
    Reason.BLOCKED: _("Not sent: this person blocked the account or cannot be reached on %(platform)s."),
    Reason.DISCONNECTED: _("Not sent: the channel is disconnected."),
    Reason.RECONNECT: _("Not sent: the channel lost its connection. An owner can reconnect it under Channels."),
    Reason.QUOTA: _("Not sent: this month’s %(platform)s messages are used up."),
    Reason.UNCERTAIN: _("No answer from %(platform)s: it may have arrived. Check %(app)s before you send it again."),
    Reason.UNAVAILABLE: _("Not sent: %(platform)s could not be reached for an hour."),
    Reason.GONE: _("Not sent: %(platform)s knows this person no longer."),
    Reason.CONTROL: _("Not sent: another app is handling this chat."),
    Reason.POLICY: _("Not sent: %(platform)s has restricted this account."),
    Reason.PERMISSION: _("Not sent: the channel’s token may not send messages. An owner can renew it under Channels."),
    Reason.REFUSED: _("Not sent: %(platform)s refused it (code %(code)s)."),
}
_CLOSED: dict[Reason, tuple[str | Promise, str | Promise]] = {
    Reason.WINDOW: (
        _("%(platform)s: the reply window is closed."),
        _("It opens again when the customer writes. Until then, answer in %(app)s."),
    ),
    Reason.BLOCKED: (
        _("This person blocked the account on %(platform)s."),
        _("Replies would not arrive. You can write again once they unblock it."),
    ),
    Reason.DISCONNECTED: (
        _("This channel is disconnected."),
        _("Connect it again under Channels, or answer in %(app)s."),
    ),
    Reason.RECONNECT: (
        _("This channel lost its connection."),
        _("An owner can reconnect it under Channels. Until then, answer in %(app)s."),
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The line above the box: how much of the window is left, or of the quota used. `share`: of 100, for a bar."""

    tone: str  # "", warn or bad
    lead: str
    rest: str = ""
    share: int | None = None
    ends_at: dt.datetime | None = None
    closed: bool = False


def platform_name(channel: Channel) -> str:
    """As people call where they write: Facebook's is Messenger."""
    return "Messenger" if channel.platform == Platform.FACEBOOK else str(channel.get_platform_display())


def standing(channel: Channel, terms: Terms) -> Standing:
    """What can be sent now."""
    names = _names(channel)
    if terms.closed is not None:
        lead, rest = _CLOSED.get(terms.closed, _CLOSED[Reason.DISCONNECTED])
        return Standing("bad", str(lead) % names, str(rest) % names, closed=True)
    if terms.counts_quota:
        return _quota(names, terms)
    if terms.window is not None:
        return _window(names, terms)
    return Standing("", gettext("%(platform)s: replies can be sent at any time.") % names)


def _window(names: dict[str, object], terms: Terms) -> Standing:
    hours = round((terms.window or dt.timedelta()) / dt.timedelta(hours=1))
    if terms.window is None or terms.window_ends_at is None:
        words = gettext("%(platform)s takes replies for %(hours)s hours after the customer’s last message.")
        return Standing("", words % {**names, "hours": hours})
    left = max(terms.window_ends_at - timezone.now(), dt.timedelta(minutes=1))
    parts = {**names, "h": left // dt.timedelta(hours=1), "m": left // dt.timedelta(minutes=1) % 60, "hours": hours}
    words = (
        gettext("%(platform)s: %(h)s h %(m)s min left of %(hours)s h")
        if parts["h"]
        else gettext("%(platform)s: %(m)s min left of %(hours)s h")
    )
    return Standing(
        tone="warn" if left < SHORT else "",
        lead=words % parts,
        share=max(1, min(100, round(100 * (left / terms.window)))),
        ends_at=terms.window_ends_at,
    )


def _quota(names: dict[str, object], terms: Terms) -> Standing:
    used, total = terms.quota_used, terms.quota_total
    if used is None or not total:
        return Standing("", gettext("%(platform)s: each reply counts as one of this month’s messages.") % names)
    share, words = used / total, {**names, "used": used, "total": total}
    if used >= total:
        lead = gettext("%(platform)s: all %(total)s messages of this month are used.") % words
        return Standing("bad", lead, gettext("Answer in %(app)s, or choose a larger plan there.") % names, share=100)
    lead = gettext("%(platform)s: %(used)s of %(total)s messages used this month") % words
    return Standing("warn" if share >= SCARCE else "", lead, share=max(1, round(100 * share)))


def failure(channel: Channel, reason: Reason, code: str) -> str:
    """Why a message was not sent, and what to do."""
    words = _FAILURES.get(reason, _FAILURES[Reason.REFUSED])
    return str(words) % {**_names(channel), "code": code or "–"}


def refusal(channel: Channel, refused: ReplyRefused) -> str:
    """Why what was typed was not taken."""
    if refused.reason == Reason.EMPTY:
        return gettext("Write a message first.")
    if refused.reason == Reason.FILES:
        return gettext("Files cannot be sent from here yet. Your text is kept: send it without them.")
    if refused.reason == Reason.TOO_LONG:
        words = gettext("Too long for %(platform)s by %(over)s. Shorten it, or send it in two messages.")
        return words % {**_names(channel), "over": refused.over}
    lead, rest = _CLOSED.get(refused.reason, _CLOSED[Reason.DISCONNECTED])
    return f"{lead} {rest}" % _names(channel)


def _names(channel: Channel) -> dict[str, object]:
    app = _OWN_APPS.get(Platform(channel.platform), "") if channel.platform in Platform.values else ""
    return {"platform": platform_name(channel), "app": str(app)}
