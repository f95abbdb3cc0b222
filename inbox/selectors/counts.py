"""Numbers beside boxes, tabs and channels; counting stops at a cap, because nobody reads "241,853 open"."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from contacts.models import Channel
from inbox.filters import InboxFilter
from inbox.models import ConversationStatus

from .conversations import filtered

CAP = 1000  # shown as 999+


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """A channel and how many open chats it has, up to CAP."""

    pk: int
    platform: str
    name: str
    open: int

    @property
    def title(self) -> str:
        """As the channel calls itself elsewhere: "Facebook LIV"."""
        return str(Channel(platform=self.platform, name=self.name))


# Each channel reads its open chats of an index and gives up at the cap; a GROUP BY would read those of all channels.
_CHANNELS = """
    SELECT channel.id, channel.platform, channel.name, counted.n
    FROM contacts_channel channel
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM (
            SELECT FROM inbox_conversation conversation
            WHERE conversation.channel_id = channel.id
              AND conversation.status = 'open' AND NOT conversation.is_spam
              AND conversation.last_message_at IS NOT NULL
            LIMIT %s
        ) capped
    ) counted
    ORDER BY channel.platform, channel.name, channel.id
"""


def channel_counts() -> list[ChannelCount]:
    """All channels in the order of their names. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANNELS, [CAP])
        return [ChannelCount(*row) for row in cursor.fetchall()]


def status_counts(filters: InboxFilter) -> dict[str, int]:
    """How many of the box are open and to follow up, each up to CAP. Two queries."""
    base = InboxFilter(box=filters.box, channel=filters.channel)
    return {
        status.value: filtered(base.with_status(status.value))[:CAP].count()
        for status in (ConversationStatus.OPEN, ConversationStatus.FOLLOW_UP)
    }


def unread_total() -> int:
    """Chats that somebody has yet to read, up to CAP. One query on a partial index."""
    return filtered(InboxFilter(box="unread"))[:CAP].count()
