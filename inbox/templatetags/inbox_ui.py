"""Filters that put chats into words in templates."""

from __future__ import annotations

import datetime as dt

from django import template

from contacts.models import Channel
from inbox import reply_words, wording
from inbox.carriers import Reason, carrier
from inbox.filters import InboxFilter
from inbox.models import Conversation, Message
from inbox.selectors.counts import CAP
from saifa_crm.lib import dates

register = template.Library()


@register.filter
def preview(conversation: Conversation) -> wording.Preview:
    """The newest message in one line, ours and theirs apart."""
    return wording.preview(conversation)


@register.filter
def day_words(date: dt.date) -> str:
    """ "Today", "Yesterday", "Fri 20 Nov 2026"."""
    return wording.day(date)


@register.filter
def list_time(at: dt.datetime | None) -> str:
    """The time of a list row."""
    return wording.short(at) if at else ""


@register.filter
def moment(at: dt.datetime | None) -> str:
    """The exact time, for a title."""
    return dates.format_exact(at) if at else ""


@register.filter
def capped(count: int, limit: int = CAP) -> str:
    """A count that stopped at its limit, honestly: "999+"."""
    return f"{limit - 1}+" if count >= limit else str(count)


@register.filter
def status(filters: InboxFilter, value: str) -> InboxFilter:
    """The same list under another tab."""
    return filters.with_status(value)


@register.filter
def failure(message: Message, channel: Channel) -> str:
    """Why a reply was not sent, in words."""
    return reply_words.failure(channel, carrier().reason(channel.platform, message.error), message.error)


@register.filter
def may_have_arrived(message: Message) -> bool:
    """Whether sending it again could double it."""
    return message.error == Reason.UNCERTAIN


@register.filter
def platform_name(channel: Channel) -> str:
    """Where people write: "Messenger"."""
    return reply_words.platform_name(channel)
