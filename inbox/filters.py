"""What the conversation list shows: a box, a channel, a status and a search, all of it kept in the URL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

from saifa_crm.lib.ids import read_id

from .models import ConversationStatus

BOXES = ("all", "unread", "spam")
STATUSES = (*ConversationStatus.values, "any")


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """`status` is empty where the URL names none: then `shown_status` says which one the list takes."""

    box: str = "all"
    channel: int | None = None
    status: str = ""
    q: str = ""

    @classmethod
    def read(cls, params: QueryDict) -> InboxFilter:
        """A filter from a query string; what is not understood takes its default, never an error."""
        box, status, channel = (
            params.get("box", ""),
            params.get("status", ""),
            params.get("channel", ""),
        )
        return cls(
            box=box if box in BOXES else "all",
            channel=read_id(channel),
            status=status if status in STATUSES else "",
            q=params.get("q", "").replace("\0", "").strip()[:100],
        )

    @property
    def shown_status(self) -> str:
        """Open chats are the day's work; unread, spam and a searched name count in any status."""
        if self.status:
            return self.status
        return "any" if self.q or self.box != "all" else ConversationStatus.OPEN.value

    @property
    def is_narrowed(self) -> bool:
        """Whether an empty list means "nothing matches" rather than "nothing here yet"."""
        return bool(self.q) or self.channel is not None or self.shown_status not in ("any", "open")

    @property
    def query(self) -> str:
        """The query string, question mark included, that brings this filter back; empty for the default."""
        pairs = {
            "box": self.box if self.box != "all" else "",
            "channel": self.channel,
            "status": self.status,
            "q": self.q,
        }
        text = urlencode({key: value for key, value in pairs.items() if value not in ("", None)})
        return f"?{text}" if text else ""

    @property
    def joined(self) -> str:
        """The same, ready for one more parameter behind it."""
        return f"{self.query}&" if self.query else "?"

    def with_status(self, status: str) -> InboxFilter:
        """The same list under another tab."""
        return replace(self, status=status)
