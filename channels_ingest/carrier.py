"""The inbox's carrier: its replies go to the platforms' adapters, by their rules."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from contacts.models import FollowState
from inbox.carriers import Reason, Terms
from inbox.models import Conversation
from saifa_crm.lib.queues import enqueue

from .models import Connection, ConnectionState
from .platforms import ADAPTERS
from .platforms.base import ReplyRules
from .quotas import quota_of

NOBODY = ReplyRules(0)


class PlatformCarrier:
    """Registered with the inbox; see inbox.carriers.Carrier."""

    def enqueue(self, message_id: int) -> None:
        from .tasks import message_send  # tasks are made of what this module serves

        enqueue(message_send, message_id)

    def terms(self, conversation: Conversation) -> Terms:
        channel = conversation.identity.channel
        rules = ADAPTERS[channel.platform].REPLIES if channel.platform in ADAPTERS else NOBODY
        quota = quota_of(channel.pk) if rules.quota else None
        ends_at = conversation.last_in_at + rules.window if rules.window and conversation.last_in_at else None
        return Terms(
            max_length=rules.max_length,
            unit=rules.unit,
            closed=_closed(conversation, ends_at),
            window=rules.window,
            window_ends_at=ends_at,
            counts_quota=rules.quota is not None,
            quota_used=quota.used if quota else None,
            quota_total=quota.total if quota else None,
        )

    def reason(self, platform: str, error: str) -> Reason:
        known = ADAPTERS[platform].REPLIES.reasons if platform in ADAPTERS else {}
        key = known.get(error, error)
        try:
            return Reason(key)
        except ValueError:
            return Reason.REFUSED


def _closed(conversation: Conversation, ends_at: dt.datetime | None) -> Reason | None:
    """Why nothing can be sent now. A chat whose last message is not known is left to the platform to judge."""
    connection: Connection | None = getattr(conversation.identity.channel, "connection", None)
    if connection is None or connection.state == ConnectionState.DISCONNECTED:
        return Reason.DISCONNECTED
    if connection.state == ConnectionState.RECONNECT:
        return Reason.RECONNECT
    if _is_blocked(conversation):
        return Reason.BLOCKED
    if ends_at is not None and ends_at <= timezone.now():
        return Reason.WINDOW
    return None


def _is_blocked(conversation: Conversation) -> bool:
    """The person blocked the account and has not written since: LINE would take the reply and deliver nothing."""
    identity = conversation.identity
    if identity.follow_state != FollowState.BLOCKED:
        return False
    wrote, blocked = conversation.last_in_at, identity.follow_changed_at
    return wrote is None or blocked is None or wrote <= blocked
