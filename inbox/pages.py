"""Contexts of the inbox's templates: what a page or a fragment needs, gathered from the selectors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from contacts import selectors as contacts_selectors
from contacts.models import Contact
from saifa_crm.access import AGENT, OWNER, has_role
from saifa_crm.lib import dates

from . import live, selectors
from .composer import composer_for
from .filters import InboxFilter
from .gaps import channel_gaps
from .keyset import Cursor
from .markers import Marker, gap_markers, placed, standby_markers
from .models import Conversation
from .presenter import present

GAPS_LIMIT = 100


def writer(request: HttpRequest) -> bool:
    """Whether this person may change conversations; a marketer reads only."""
    return has_role(request.user, AGENT, OWNER)


def cursor_in(request: HttpRequest, name: str) -> Cursor | None:
    """A cursor of the query string; None if absent or not one."""
    return Cursor.read(request.GET.get(name, ""))


def list_context(request: HttpRequest, conversation: Conversation | None = None) -> dict[str, Any]:
    """The list pane: tabs with counts, and rows. `rows=60` asks for as many as an open page shows."""
    filters = InboxFilter.read(request.GET)
    before = cursor_in(request, "before") if conversation is None else None
    wanted = request.GET.get("rows", "")
    size = min(int(wanted), selectors.ROWS_LIMIT) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 0
    return {
        "filters": filters,
        "page": selectors.conversation_page(filters=filters, before=before, size=max(size, selectors.ROWS)),
        "before": before,
        "counts": selectors.status_counts(filters) if filters.box != "spam" else {},
        "base_url": conversation_url(conversation) if conversation else reverse("inbox:list"),
        "current": conversation,
        "unread": selectors.unread_total(),
    }


def page_context(request: HttpRequest, conversation: Conversation | None = None) -> dict[str, Any]:
    """A whole page: nav and list, and the chat where one is open."""
    context = list_context(request, conversation)
    context |= {
        "nav": "inbox",
        "channels": selectors.channel_counts(),
        "mark": live.current(),
    }
    return context | (chat_context(request, conversation) if conversation else {})


def chat_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """The thread and the customer panel of one conversation."""
    contact = conversation.identity.contact
    panel = contacts_selectors.panel_context(contact, request, tab=request.GET.get("tab", ""))
    return {**panel, **thread_context(request, conversation), **composer_context(request, conversation)}


def thread_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Messages oldest first. `since` refreshes what an open page shows, `before` is the page above it."""
    since, before = cursor_in(request, "since"), cursor_in(request, "before")
    if (at := cursor_in(request, "at")) is not None and since is None:
        before = selectors.newer_end(conversation_id=conversation.pk, at=at)
    if since is not None:
        page = selectors.message_page_from(conversation_id=conversation.pk, since=since)
    else:
        page = selectors.message_page(conversation_id=conversation.pk, before=before)
    quoted = selectors.quoted_messages(messages=page.messages)
    newest = page.messages[-1] if page.messages else None
    composer = composer_context(request, conversation) if since is not None else {}
    markers = _markers(conversation, page, before)
    return {
        **composer,
        "filters": InboxFilter.read(request.GET),
        "current": conversation,
        "contact": conversation.identity.contact,
        "channel": conversation.identity.channel,
        "thread": present(page.messages, quoted, conversation=conversation, markers=markers),
        "older": page.older,
        "before": before,
        "newest": newest,
        "live": since is not None,
        "below_day": _day(before),
        "can_write": writer(request),
    }


def composer_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """The box under a chat, for those who may write."""
    if not writer(request):
        return {}
    return {
        "filters": InboxFilter.read(request.GET or QueryDict(request.POST.get("back", "").removeprefix("?"))),
        "current": conversation,
        "contact": conversation.identity.contact,
        "channel": conversation.identity.channel,
        "composer": composer_for(conversation),
    }


def _markers(conversation: Conversation, page: selectors.MessagePage, before: Cursor | None) -> list[list[Marker]]:
    """What stands between the messages of a page."""
    first, last = page.older.at if page.older else None, before.at if before else None
    controls = selectors.thread_controls(conversation_id=conversation.pk)
    begun = page.messages[0].sent_at if page.messages else None  # what was missed before the first message is no news
    gaps = channel_gaps(channel_id=conversation.identity.channel_id, since=first or begun, until=last, limit=GAPS_LIMIT)
    return placed(
        [*standby_markers(controls), *gap_markers(gaps)],
        [message.sent_at for message in page.messages],
        first=first,
        last=last,
    )


def history_context(contact: Contact, request: HttpRequest) -> dict[str, Any]:
    """A contact's timeline over all channels, newest first. `history_before` is the page's place in it."""
    before = cursor_in(request, "earlier")
    page = selectors.contact_timeline(contact_id=contact.pk, before=before)
    quoted = selectors.quoted_messages(messages=page.messages)
    # A page put under another goes on under that one's last day; a page of its own names its first day.
    above = _day(before) if before is not None and request.headers.get("HX-Request") == "true" else None
    return {
        "nav": "inbox",
        "contact": contact,
        "history": present(list(reversed(page.messages)), quoted, after=above),
        "history_older": page.older,
        "history_before": before,
    }


def conversation_url(conversation: Conversation) -> str:
    """The page of a conversation."""
    return reverse("inbox:conversation", args=(conversation.pk,))


def _day(cursor: Cursor | None) -> dt.date | None:
    return cursor.at.astimezone(dates.BANGKOK).date() if cursor is not None else None
