"""Sends queued replies: each claimed by one worker, sent by its platform's adapter, settled by what came of it.

What the platform takes twice (Meta) is never sent twice: a call without an answer waits for its echo. What it
takes once by its key (LINE) is repeated. LINE's reply tokens are not used: they live a minute (PROTOCOLS 3.8).
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.utils import timezone

from contacts.models import Identity
from inbox.carriers import Reason
from inbox.models import Message
from inbox.outbound import message_claim, message_fail, message_next, message_postpone, message_sent
from saifa_crm.lib.redis_client import first_within
from saifa_crm.lib.safe_text import storable
from saifa_crm.lib.waits import doubled

from .clients import client_for
from .counters import channel_error
from .models import Connection, ConnectionState
from .platforms import adapter_for
from .platforms.base import Outgoing, PlatformError, RetryLater, TokenDead, Uncertain
from .quotas import quota_spend
from .services_check import connection_token_died
from .settle import message_catch_up
from .sorting import MAX_ID

logger = logging.getLogger(__name__)

CALL_LEASE = dt.timedelta(minutes=1)  # a call takes 25 s at most (_http), its retry key makes another harmless
ECHO_WAIT = dt.timedelta(minutes=5)  # an echo comes within seconds; after this, people decide
FIRST_WAIT = dt.timedelta(seconds=10)
LONGEST_WAIT = dt.timedelta(minutes=10)
GIVE_UP_AFTER = dt.timedelta(hours=1)  # an answer that comes later than this is no answer: tell the agent
QUEUED_FOR = 60  # seconds in which a sweep does not queue the same try again


def send_wanted(message_id: int, tries: int) -> bool:
    """Whether a sweep should queue this try: once a minute, so that a slow platform does not fill the queue."""
    return first_within(f"outbound:{message_id}:{tries}", QUEUED_FOR)


def message_send(*, message_id: int) -> int | None:
    """Send one queued reply, unless it is not its turn. Answers the next of its chat once this one is settled."""
    message = (
        Message.objects.select_related("conversation__identity__channel__connection").filter(pk=message_id).first()
    )
    if message is None:
        return None
    identity = message.conversation.identity
    connection: Connection | None = getattr(identity.channel, "connection", None)
    adapter = adapter_for(identity.channel.platform)
    repeatable = adapter.REPLIES.repeatable
    lease = ECHO_WAIT if repeatable is None else CALL_LEASE
    if not message_claim(message_id=message_id, lease=lease, repeatable=repeatable):
        return None
    if connection is None or connection.state == ConnectionState.DISCONNECTED:
        message_fail(message_id=message_id, error=Reason.DISCONNECTED)
    elif connection.state == ConnectionState.RECONNECT:
        message_fail(message_id=message_id, error=Reason.RECONNECT)
    else:
        try:
            outgoing = Outgoing(identity.external_id, message.text, str(message.retry_key), message.reply_to)
            platform_id = adapter.send(client_for(connection), outgoing)
        except PlatformError as error:
            _not_sent(message, connection, error)
        else:
            _sent(message, identity, platform_id)
            if adapter.REPLIES.quota is not None:
                quota_spend(identity.channel_id)
    return message_next(conversation_id=message.conversation_id)


@transaction.atomic
def _sent(message: Message, identity: Identity, platform_id: str) -> None:
    """Settle it, with whatever was told of its id before the answer was here: a receipt, an unsend."""
    if len(platform_id) > MAX_ID or storable(platform_id) != platform_id:
        platform_id = ""
    if message_sent(message_id=message.pk, platform_id=platform_id) and platform_id:
        message_catch_up(channel=identity.channel, person_id=identity.external_id, platform_id=platform_id)


def _not_sent(message: Message, connection: Connection, error: PlatformError) -> None:
    channel_error(connection.channel_id, "send")
    logger.warning("reply %s not sent: %s", message.pk, error)
    if isinstance(error, Uncertain):
        return  # as claimed: the echo settles it, or its lease runs out
    if isinstance(error, RetryLater):
        _later(message, error)
    elif isinstance(error, TokenDead):
        connection_token_died(asked=connection, error=error)
        message_fail(message_id=message.pk, error=Reason.RECONNECT)
    else:
        message_fail(message_id=message.pk, error=error.code or Reason.REFUSED)


def _later(message: Message, error: RetryLater) -> None:
    """Wait longer each time, or as long as the platform says, but not for ever."""
    wait = doubled(FIRST_WAIT, message.send_tries, LONGEST_WAIT)
    until = timezone.now() + max(wait, dt.timedelta(seconds=error.after or 0))
    if until - message.sent_at > GIVE_UP_AFTER:
        message_fail(message_id=message.pk, error=Reason.UNAVAILABLE)
    else:
        message_postpone(message_id=message.pk, until=until, error=error.code)
