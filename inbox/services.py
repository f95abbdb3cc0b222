"""What staff do to a conversation: read, unread, status, spam. Open pages are told on commit."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from . import live
from .ingest import conversations_roll_up
from .locks import conversation_locked
from .models import ConversationStatus, Episode


@transaction.atomic
def conversation_mark_read(*, conversation_id: int, upto: dt.datetime) -> None:
    """Staff have seen all up to an effective time; later ones stay unread. `read_at` never goes back."""
    conversation = conversation_locked(conversation_id)
    if conversation.unread == 0 and conversation.read_at is not None and conversation.read_at >= upto:
        return
    conversation.read_at = max(upto, conversation.read_at or upto)
    conversation.save(update_fields=("read_at",))
    conversations_roll_up(ids=[conversation_id])
    transaction.on_commit(live.bump)


@transaction.atomic
def conversation_mark_unread(*, conversation_id: int) -> None:
    """Put the newest message of the customer back among the unread; without one there is nothing to read."""
    conversation = conversation_locked(conversation_id)
    if conversation.last_in_at is None or conversation.unread:
        return
    conversation.read_at = conversation.last_in_at - dt.timedelta(microseconds=1)
    conversation.save(update_fields=("read_at",))
    conversations_roll_up(ids=[conversation_id])  # `unread` is what came after `read_at`, here as everywhere
    transaction.on_commit(live.bump)


@transaction.atomic
def conversation_set_status(*, conversation_id: int, status: ConversationStatus) -> None:
    """Open, follow up or closed; closing ends the running episode, a later message begins another."""
    conversation = conversation_locked(conversation_id)
    if conversation.status == status:
        return
    conversation.status = status
    conversation.save(update_fields=("status",))
    if status == ConversationStatus.CLOSED:
        Episode.objects.filter(conversation_id=conversation_id, closed_at__isnull=True).update(closed_at=timezone.now())
    transaction.on_commit(live.bump)


@transaction.atomic
def conversation_set_spam(*, conversation_id: int, is_spam: bool) -> None:
    """Move a conversation to spam or back; nothing of it is lost and new messages still arrive there."""
    conversation = conversation_locked(conversation_id)
    if conversation.is_spam == is_spam:
        return
    conversation.is_spam = is_spam
    conversation.save(update_fields=("is_spam",))
    transaction.on_commit(live.bump)
