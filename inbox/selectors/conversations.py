"""The conversation list, newest first, in keyset pages: a page costs the same however deep it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, F, QuerySet, Value, When

from contacts.search import search_condition
from inbox.filters import InboxFilter
from inbox.keyset import Cursor
from inbox.models import Conversation
from saifa_crm.lib.thai_text import search_key

PAGE_SIZE = 30
REFRESH_LIMIT = 210  # rows a live refresh may bring back at once


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """`rows` carry identity, channel, contact and its labels; `older` is where the next page begins."""

    rows: list[Conversation]
    older: Cursor | None


def filtered(filters: InboxFilter) -> QuerySet[Conversation]:
    """Conversations of a filter, unordered; those in which nothing was said yet are no chats."""
    chosen = Conversation.objects.filter(last_message_at__isnull=False, is_spam=filters.box == "spam")
    if filters.box == "unread":
        chosen = chosen.filter(unread__gt=0)
    if filters.channel is not None:
        chosen = chosen.filter(channel_id=filters.channel)
    if filters.shown_status != "any":
        chosen = chosen.filter(status=filters.shown_status)
    if search_key(filters.q):
        chosen = chosen.filter(search_condition(filters.q, of="identity__contact__entry__"))
    return chosen


def conversation_page(*, filters: InboxFilter, before: Cursor | None = None, size: int = PAGE_SIZE) -> ConversationPage:
    """One page, two queries: conversations with whom they are with, and the labels of those contacts."""
    chosen = filtered(filters)
    if before is not None:
        chosen = chosen.filter(before.before("last_message_at"))
    # Null times are filtered out: the order differs only in which of the two indexes it can walk.
    by_index = filters.box == "all" and filters.shown_status == "any"
    newest = F("last_message_at").desc(nulls_last=True) if by_index else F("last_message_at").desc()
    rows = list(
        chosen.select_related("identity__channel", "identity__contact")
        .prefetch_related("identity__contact__labels")
        .order_by(newest, "-pk")[: size + 1]
    )
    older = None
    if len(rows) > size:
        rows = rows[:size]
        if (at := rows[-1].last_message_at) is not None:
            older = Cursor(at, rows[-1].pk)
    return ConversationPage(rows, older)


def conversation_get(*, conversation_id: int) -> Conversation | None:
    """One conversation with identity, channel and contact; None if there is none."""
    return (
        Conversation.objects.select_related("identity__channel", "identity__contact").filter(pk=conversation_id).first()
    )


def conversations_with(*, contact_ids: Sequence[int], limit: int) -> list[Conversation]:
    """Chats of these contacts, unread first, then newest; spam and what nothing was said in left out. One query."""
    chosen = Conversation.objects.filter(
        identity__contact_id__in=contact_ids, last_message_at__isnull=False, is_spam=False
    ).select_related("identity__channel", "identity__contact")
    is_read = Case(When(unread__gt=0, then=Value(0)), default=Value(1))
    return list(chosen.order_by(is_read, "-last_message_at", "-pk")[:limit])
