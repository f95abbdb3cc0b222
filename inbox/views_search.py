"""The search in messages: a page of what was said, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from contacts.models import Channel, Contact
from saifa_crm.lib.people import short_name

from . import selectors
from .keyset import Cursor
from .models import Direction, Message
from .pages import cursor_in
from .words import LONGEST, SHORTEST, Part, WordQuery, snippet


@dataclass(frozen=True, slots=True)
class Found:
    """A message as the results show it."""

    message: Message
    parts: list[Part]

    @property
    def contact(self) -> Contact:
        return self.message.conversation.identity.contact

    @property
    def channel(self) -> Channel:
        return self.message.conversation.identity.channel

    @property
    def is_note(self) -> bool:
        return self.message.direction == Direction.NOTE

    @property
    def outbound(self) -> bool:
        return self.message.direction == Direction.OUT

    @property
    def author(self) -> str:
        """Who of the staff wrote it; empty for customers and for what was sent from elsewhere."""
        return short_name(self.message.sender)

    @property
    def url(self) -> str:
        """The chat at this message."""
        at = Cursor(self.message.sent_at, self.message.pk)
        chat = reverse("inbox:conversation", args=(self.message.conversation_id,))
        return f"{chat}?{urlencode({'at': str(at)})}#m{self.message.pk}"


def search_url(text: str) -> str:
    """The search for these words."""
    return f"{reverse('inbox:search')}?{urlencode({'q': text})}"


def search_words(text: str) -> str:
    """What leads there: "Search “glow” in messages"."""
    return gettext("Search “%(q)s” in messages") % {"q": Truncator(text).chars(40)}


@require_GET
def message_search(request: HttpRequest) -> HttpResponse:
    """The page; htmx asks for the results alone, or for older ones to put under those on the screen."""
    query = WordQuery.read(request.GET.get("q", ""))
    before = cursor_in(request, "before")
    context: dict[str, Any] = {
        "nav": "inbox",
        "query": query,
        "before": before,
        "shortest": SHORTEST,
        "longest": LONGEST,
    }
    if not query.is_empty and not query.is_too_short:
        page = selectors.message_search(query=query, before=before)
        context |= {"page": page, "found": list(_found(page.messages, query)), "this_url": search_url(query.text)}
    if request.headers.get("HX-Request") != "true":
        return render(request, "inbox/search.html", context)
    return render(request, "inbox/_found_rows.html" if before else "inbox/_found.html", context)


def _found(messages: list[Message], query: WordQuery) -> Iterator[Found]:
    return (Found(message, snippet(message.text, query.words)) for message in messages)
