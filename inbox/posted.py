"""What the inbox's forms post, read without trust."""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import Http404, HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime

from . import selectors
from .filters import InboxFilter
from .models import Conversation


def conversation_or_404(pk: int) -> Conversation:
    """With identity, channel and contact."""
    chat = selectors.conversation_get(conversation_id=pk)
    if chat is None:
        raise Http404
    return chat


def back_query(request: HttpRequest) -> str:
    """The list's filter that a form carried along, read again so that it can only lead to the inbox."""
    return InboxFilter.read(QueryDict(request.POST.get("back", "").removeprefix("?"))).query


def aware_time(text: str) -> dt.datetime | None:
    """An aware time; None for anything else."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def request_key(request: HttpRequest) -> uuid.UUID | None:
    """The form's own key, by which one sent twice is known; None where it has none."""
    try:
        return uuid.UUID(request.POST.get("request_key", ""))
    except ValueError:
        return None
