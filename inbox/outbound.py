"""A queued message on its way: claimed by one worker, settled by the platform's answer or its echo, once.

While a call is under way, and after one that went unanswered, the message is queued with the error UNCERTAIN:
whoever finds it so knows that it may have gone out (a worker may have died between the call and the commit).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from . import live
from .carriers import Reason
from .ingest import conversations_roll_up
from .locks import conversation_locked
from .models import DeliveryState, Direction, Message

UNCERTAIN = Reason.UNCERTAIN.value
MAX_ERROR = 64


def _waiting() -> QuerySet[Message]:
    return Message.objects.filter(delivery_state=DeliveryState.QUEUED, platform_id__isnull=True)


def messages_due(*, limit: int) -> list[tuple[int, int]]:
    """Ids and tries of messages to send now: the first of each conversation's queue, where its time has come."""
    first = _waiting().order_by("conversation_id", "sent_at", "pk").distinct("conversation_id")
    due = Message.objects.filter(pk__in=first.values("pk"), send_after__lte=timezone.now())
    return list(due.order_by("send_after", "pk").values_list("pk", "send_tries")[:limit])


def message_next(*, conversation_id: int) -> int | None:
    """The first of a conversation's queue, where its time has come."""
    first = _waiting().filter(conversation_id=conversation_id).order_by("sent_at", "pk").first()
    due = first is not None and first.send_after is not None and first.send_after <= timezone.now()
    return first.pk if first is not None and due else None


@transaction.atomic
def message_claim(*, message_id: int, lease: dt.timedelta, repeatable: dt.timedelta | None) -> bool:
    """Take a message for one call: no other worker gets it within the lease. False where it is not to be sent.

    Committed before the call. `repeatable`: how long after the first call its key makes another harmless; None:
    never, so that a message without an answer is given up here when its lease has run out without an echo. A
    message waits for the ones before it, so that a customer reads them in the order they were written.
    """
    now = timezone.now()
    message = (
        _waiting().select_for_update(no_key=True, skip_locked=True).filter(pk=message_id, send_after__lte=now).first()
    )
    if message is None or _is_behind(message):
        return False
    if message.error == UNCERTAIN and (repeatable is None or now - message.sent_at > repeatable):
        message_fail(message_id=message_id, error=UNCERTAIN)
        return False
    Message.objects.filter(pk=message_id).update(
        send_tries=F("send_tries") + 1, send_after=now + lease, error=UNCERTAIN
    )
    return True


def _is_behind(message: Message) -> bool:
    before = Q(sent_at__lt=message.sent_at) | Q(sent_at=message.sent_at, pk__lt=message.pk)
    return _waiting().filter(before, conversation_id=message.conversation_id).exists()


def message_postpone(*, message_id: int, until: dt.datetime, error: str) -> None:
    """It surely did not go out: the sweep tries again then."""
    _waiting().filter(pk=message_id).update(send_after=until, error=error[:MAX_ERROR])


@transaction.atomic
def message_fail(*, message_id: int, error: str) -> None:
    """Give up and say why; one whose echo has come is left as it is."""
    failed = _waiting().filter(pk=message_id)
    if failed.update(delivery_state=DeliveryState.FAILED, error=error[:MAX_ERROR], send_after=None):
        transaction.on_commit(live.bump)


def message_sent(*, message_id: int, platform_id: str) -> bool:
    """Note the platform's answer; an empty id where it tells none. False where the message is gone.

    Must run inside a transaction. An echo that could not be told by its nonce is there as a message of its own:
    the two become one, ours with what the other knew.
    """
    conversation_id = Message.objects.filter(pk=message_id).values_list("conversation_id", flat=True).first()
    if conversation_id is None:
        return False
    conversation_locked(conversation_id)
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        return False
    if message.platform_id is None:
        _settle(message, platform_id)
        transaction.on_commit(live.bump)
    return True


def _settle(message: Message, platform_id: str) -> None:
    twin = None
    if platform_id:
        same = Message.objects.filter(conversation_id=message.conversation_id, platform_id=platform_id)
        twin = same.exclude(pk=message.pk).first()
    message.delivery_state, message.error, message.send_after = DeliveryState.SENT, "", None
    if twin is None:
        message.platform_id = platform_id or None
    elif twin.direction == Direction.OUT and twin.retry_key is None:
        _take_over(message, twin)
    message.save()
    if twin is not None:
        conversations_roll_up(ids=[message.conversation_id])


def _take_over(message: Message, echo: Message) -> None:
    """The echo's time has counted as contact already: the message takes the later of the two."""
    message.platform_id, message.platform_at = echo.platform_id, echo.platform_at
    message.sent_at = max(message.sent_at, echo.sent_at)
    message.reaction, message.reacted_at = echo.reaction, echo.reacted_at
    message.delivery_state, message.error = echo.delivery_state, echo.error
    message.unsent_at = echo.unsent_at
    if echo.unsent_at or echo.edited_at:
        message.text, message.reply_to, message.attachments = echo.text, echo.reply_to, echo.attachments
        message.edited_at, message.edit_number = echo.edited_at, echo.edit_number
    echo.delete()


@dataclass(frozen=True, slots=True)
class Echo:
    """What a platform says of a message sent from here: whose chat, its id and its time there."""

    identity_id: int
    platform_id: str
    platform_at: dt.datetime | None


def echoes_fold(*, echoes: Mapping[uuid.UUID, Echo]) -> set[uuid.UUID]:
    """Give replies of ours, by retry key, the id that their echo tells. Answers the keys that were found.

    Must run inside a transaction that holds the locks of the contacts, before the echoes are stored: stored they
    then are already there. A reply that has its id keeps it, and one given up turns out to be sent. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inbox_message m SET platform_id = v.platform_id, platform_at = v.platform_at,
                                       delivery_state = 'sent', error = '', send_after = NULL
            FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::timestamptz[])
                AS v(retry_key, identity_id, platform_id, platform_at)
            JOIN inbox_conversation c ON c.identity_id = v.identity_id
            WHERE m.retry_key = v.retry_key AND m.conversation_id = c.id AND m.platform_id IS NULL
              AND NOT EXISTS (SELECT 1 FROM inbox_message o
                              WHERE o.conversation_id = c.id AND o.platform_id = v.platform_id)
            RETURNING m.retry_key
            """,
            [
                list(echoes),
                [echo.identity_id for echo in echoes.values()],
                [echo.platform_id for echo in echoes.values()],
                [echo.platform_at for echo in echoes.values()],
            ],
        )
        return {row[0] for row in cursor.fetchall()}
