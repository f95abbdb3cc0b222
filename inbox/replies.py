"""What staff do with replies: queue one, try a failed one again. The carrier sends; this only writes rows."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from contacts.services import Seen, interactions_roll_up
from saifa_crm.lib.safe_text import storable

from . import live
from .carriers import Reason, Terms, carrier
from .ingest import conversations_roll_up
from .locks import conversation_locked
from .models import Conversation, DeliveryState, Direction, Kind, Message


class ReplyRefused(Exception):
    """A reply that cannot be queued; `over` is by how much it is too long, in the platform's unit."""

    def __init__(self, reason: Reason, *, over: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.over = over


@transaction.atomic
def message_queue(
    *,
    conversation_id: int,
    text: str,
    sender: User,
    request_key: uuid.UUID | None = None,
    seen_upto: dt.datetime | None = None,
) -> Message:
    """Queue a reply and count it as contact now: its echo, whenever it comes, moves no time.

    `request_key`: of the form, so that one sent twice is one message. `seen_upto`: the newest message its page
    showed; all up to it (all there is, where not told) counts as read. The conversation's status stays. Raises
    ReplyRefused, Conversation.DoesNotExist.
    """
    words = storable(text.replace("\r\n", "\n")).strip()
    conversation = conversation_locked(conversation_id)
    key = _key(request_key, conversation_id, sender, words)
    known = Message.objects.filter(retry_key=key).first()
    if known is not None:
        return known
    _refuse(words, carrier().terms(conversation))
    now = timezone.now()
    message = Message.objects.create(
        conversation=conversation,
        direction=Direction.OUT,
        kind=Kind.TEXT,
        text=words,
        sent_at=now,
        received_at=now,
        delivery_state=DeliveryState.QUEUED,
        sender=sender,
        retry_key=key,
        send_after=now,
    )
    _mark_read(conversation, seen_upto)
    _went_out(message, conversation)
    return message


@transaction.atomic
def message_retry(*, conversation_id: int, message_id: int) -> bool:
    """Queue a failed reply again, now; False where it is not failed (any more) or still cannot be sent.

    The retry key stays: LINE takes the same key only once within a day, and at Meta a late echo of the first
    attempt settles the second. What the platform had taken and then failed (WhatsApp) is a new message to it.
    """
    conversation = conversation_locked(conversation_id)
    message = Message.objects.select_for_update().filter(pk=message_id, conversation=conversation).first()
    if message is None or message.delivery_state != DeliveryState.FAILED or message.retry_key is None:
        return False
    transaction.on_commit(live.bump)
    if closed := carrier().terms(conversation).closed:
        message.error = closed
        message.save(update_fields=["error"])
        return False
    if message.platform_id is not None:
        message.platform_id, message.platform_at, message.retry_key = None, None, uuid.uuid4()
    message.delivery_state, message.error, message.send_tries = DeliveryState.QUEUED, "", 0
    message.sent_at = message.send_after = timezone.now()
    message.save()
    _went_out(message, conversation)
    return True


def _key(request_key: uuid.UUID | None, conversation_id: int, sender: User, words: str) -> uuid.UUID:
    """The retry key: the same for the same words of one form only, and never another person's or chat's."""
    if request_key is None:
        return uuid.uuid4()
    return uuid.uuid5(request_key, f"{conversation_id}:{sender.pk}:{words}")


def _refuse(words: str, terms: Terms) -> None:
    if terms.closed is not None:
        raise ReplyRefused(terms.closed)
    if not words:
        raise ReplyRefused(Reason.EMPTY)
    if (over := terms.length(words) - terms.max_length) > 0:
        raise ReplyRefused(Reason.TOO_LONG, over=over)


def _mark_read(conversation: Conversation, seen_upto: dt.datetime | None) -> None:
    """Who answers has read; the unread are counted by the roll-up that follows."""
    newest = conversation.last_in_at
    if newest is None:
        return
    upto = min(seen_upto or newest, newest)
    conversation.read_at = max(upto, conversation.read_at or upto)
    conversation.save(update_fields=["read_at"])


def _went_out(message: Message, conversation: Conversation) -> None:
    """Roll up conversation and contact, and hand the message to the carrier after the commit."""
    conversations_roll_up(ids=[conversation.pk])
    identity = conversation.identity
    interactions_roll_up(seen={identity.pk: Seen(message.sent_at, message.sent_at)})
    transaction.on_commit(live.bump)
    transaction.on_commit(lambda: carrier().enqueue(message.pk))
