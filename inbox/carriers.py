"""How replies leave: the app that carries them registers here, and tells what a reply in a chat may be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from saifa_crm.lib.text_length import Unit, text_length

from .models import Conversation


class Reason(StrEnum):
    """Why a reply cannot be sent, or was not; put into words by `reply_words`."""

    EMPTY = "empty"
    FILES = "files"
    TOO_LONG = "too_long"
    WINDOW = "window"
    BLOCKED = "blocked"
    DISCONNECTED = "disconnected"
    RECONNECT = "reconnect"  # the platform refuses the token
    QUOTA = "quota"
    UNCERTAIN = "uncertain"  # no answer: it may have gone out
    UNAVAILABLE = "unavailable"  # the platform could not be reached for a long time
    GONE = "gone"  # no such person for this account
    CONTROL = "control"  # another app has the thread
    POLICY = "policy"
    PERMISSION = "permission"
    REFUSED = "refused"  # with a code nobody has words for


@dataclass(frozen=True, slots=True)
class Terms:
    """What a reply in one chat may be, and whether one can be sent now (`closed` is None)."""

    max_length: int
    unit: Unit
    closed: Reason | None = None
    window: dt.timedelta | None = None  # how long after the customer's last message replies are taken; None: always
    window_ends_at: dt.datetime | None = None  # None where the last message is not known
    counts_quota: bool = False  # each reply is paid from a monthly quota
    quota_used: int | None = None
    quota_total: int | None = None

    def length(self, text: str) -> int:
        return text_length(text, self.unit)


class Carrier(Protocol):
    """What brings queued messages to their platforms."""

    def enqueue(self, message_id: int) -> None:
        """Send soon; may be lost, then a sweep finds the message by its row. Never raises."""

    def terms(self, conversation: Conversation) -> Terms:
        """Of a conversation with its identity and channel. At most one query."""

    def reason(self, platform: str, error: str) -> Reason:
        """What the stored error of a failed message means."""


class NoCarrier:
    """Stands in until one registers: nothing can be sent."""

    def enqueue(self, message_id: int) -> None:
        return

    def terms(self, conversation: Conversation) -> Terms:
        return Terms(max_length=0, unit="characters", closed=Reason.DISCONNECTED)

    def reason(self, platform: str, error: str) -> Reason:
        return Reason.REFUSED


_registered: list[Carrier] = []


def register_carrier(carrier: Carrier) -> None:
    """Called from an AppConfig's ready(); the last one carries."""
    _registered[:] = [carrier]


def carrier() -> Carrier:
    """The registered carrier."""
    return _registered[0] if _registered else NoCarrier()
