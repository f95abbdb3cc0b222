"""Chats in words: previews, kinds, sizes, durations, days. Untrusted text stays apart from our own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from saifa_crm.lib import dates

from .models import Conversation, DeliveryState, Direction, Kind

_KIND_SENT = {
    Kind.IMAGE: _("Sent a photo"),
    Kind.VIDEO: _("Sent a video"),
    Kind.AUDIO: _("Sent a voice message"),
    Kind.FILE: _("Sent a file"),
    Kind.STICKER: _("Sticker"),
    Kind.LOCATION: _("Sent a location"),
    Kind.POSTBACK: _("Pressed a button"),
    Kind.STORY_REPLY: _("Replied to your story"),
    Kind.STORY_MENTION: _("Mentioned you in a story"),
    Kind.SHARE: _("Shared a post"),
    Kind.ORDER: _("Sent a cart"),
    Kind.CONTACT: _("Sent a contact card"),
    Kind.UNSUPPORTED: _("Message of another kind"),
}
_KIND_SENT_BY_US = {
    Kind.IMAGE: _("You sent a photo"),
    Kind.VIDEO: _("You sent a video"),
    Kind.AUDIO: _("You sent a voice message"),
    Kind.FILE: _("You sent a file"),
    Kind.STICKER: _("You sent a sticker"),
    Kind.LOCATION: _("You sent a location"),
    Kind.SHARE: _("You shared a post"),
    Kind.CONTACT: _("You sent a contact card"),
}
_KIND_NAMES = {
    Kind.IMAGE: _("Photo"),
    Kind.VIDEO: _("Video"),
    Kind.AUDIO: _("Voice message"),
    Kind.FILE: _("File"),
    Kind.STICKER: _("Sticker"),
    Kind.LOCATION: _("Location"),
    "link": pgettext_lazy("attachment", "Link"),
}
_RECEIPTS = {
    DeliveryState.QUEUED: _("Sending"),
    DeliveryState.SENT: pgettext_lazy("a message of the shop", "Sent"),
    DeliveryState.DELIVERED: pgettext_lazy("a message of the shop", "Delivered"),
    DeliveryState.READ: pgettext_lazy("a message of the shop", "Seen"),
    DeliveryState.FAILED: _("Not sent"),
}
UNSENT = _("Message unsent")
_YOU = pgettext_lazy("before the words of a message from the shop", "You:")


@dataclass(frozen=True, slots=True)
class Preview:
    """`lead` is ours; `quoted` is what somebody wrote and must be set apart (bdi) and escaped."""

    lead: str = ""
    quoted: str = ""


def preview(conversation: Conversation) -> Preview:
    """The newest message in one line. A newest message without kind or words is one that was taken back."""
    words, kind = " ".join(conversation.last_preview.split()), conversation.last_kind
    outbound = conversation.last_direction == Direction.OUT
    if words:
        return Preview(str(_YOU) if outbound else "", words)
    if kind in ("", Kind.TEXT):
        return Preview(str(UNSENT))
    ours = _KIND_SENT_BY_US.get(Kind(kind)) if outbound and kind in Kind.values else None
    return Preview(str(ours or kind_sent(kind)))


def kind_sent(kind: str) -> str:
    """What a message of this kind did: "Sent a photo"."""
    return str(_KIND_SENT.get(kind, _KIND_SENT[Kind.UNSUPPORTED]))  # type: ignore[call-overload]


def receipt(state: str) -> str:
    """How far a message of the shop has come: "Seen"; empty for none."""
    return str(_RECEIPTS.get(state, ""))  # type: ignore[call-overload]


def kind_name(kind: str) -> str:
    """What an attachment of this kind is: "Photo"."""
    return str(_KIND_NAMES.get(kind) or gettext("Attachment"))


def size(count: object) -> str:
    """Bytes in words: "182 KB"; empty for anything that is no size."""
    if isinstance(count, bool) or not isinstance(count, int | float) or not 0 < count < 1 << 50:
        return ""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1024
    places = 1 if unit in ("MB", "GB") and count < 10 else 0
    return f"{formats.number_format(round(count, places), places)} {unit}"


def duration(milliseconds: object) -> str:
    """Length of a sound or film: "0:07", "1:02:03"; empty for anything that is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float) or not 0 < milliseconds < 1 << 40:
        return ""
    minutes, seconds = divmod(max(1, round(milliseconds / 1000)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def day(date: dt.date) -> str:
    """A separator between days: "Today", "Yesterday", "Fri 20 Nov 2026" (Thai: "วันศุกร์ที่ 20 พ.ย. 2569")."""
    ago = (dates.today() - date).days
    if ago in (0, 1):
        return gettext("Yesterday") if ago else gettext("Today")
    if (get_language() or "").startswith("th"):
        return f"วัน{formats.date_format(date, 'l')}ที่ {dates.format_day(date)}"
    return f"{formats.date_format(date, 'D')} {dates.format_day(date)}"


def short(at: dt.datetime) -> str:
    """The time in a list row: "14:05" today, then "Yesterday", "20 Nov", "20 Nov 2025"."""
    local = at.astimezone(dates.BANGKOK)
    ago = (dates.today() - local.date()).days
    if ago == 0:
        return f"{local:%H:%M}"
    if ago == 1:
        return gettext("Yesterday")
    words = dates.format_day(local.date())
    return words.rpartition(" ")[0] if local.year == dates.today().year else words
