"""Every read of the inbox; import from here."""

from .conversations import PAGE_SIZE as ROWS
from .conversations import REFRESH_LIMIT as ROWS_LIMIT
from .conversations import ConversationPage, conversation_get, conversation_page, conversations_with
from .counts import ChannelCount, channel_counts, status_counts, unread_total
from .messages import (
    MessagePage,
    contact_timeline,
    media_stored_get,
    message_page,
    message_page_from,
    newer_end,
    quoted_messages,
    thread_controls,
)
from .words import FoundPage, message_search

__all__ = [
    "ROWS",
    "ROWS_LIMIT",
    "ChannelCount",
    "ConversationPage",
    "FoundPage",
    "MessagePage",
    "channel_counts",
    "contact_timeline",
    "conversation_get",
    "conversation_page",
    "conversations_with",
    "media_stored_get",
    "message_page",
    "message_page_from",
    "message_search",
    "newer_end",
    "quoted_messages",
    "status_counts",
    "thread_controls",
    "unread_total",
]
