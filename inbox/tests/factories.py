"""Makes channels, people, conversations and messages for tests, with the roll-ups that ingest would keep."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from contacts.models import Channel, Contact, Identity, Platform
from inbox.models import Conversation, Direction, Kind, Message

_numbers = itertools.count(1)
NOON = dt.datetime(2026, 11, 20, 5, 0, tzinfo=dt.UTC)  # 12:00 in Bangkok


def make_channel(name: str = "LIV", platform: str = Platform.FACEBOOK) -> Channel:
    return Channel.objects.create(platform=platform, external_id=f"page-{next(_numbers)}", name=name)


def make_conversation(
    name: str = "Nattaya Boonmee",
    channel: Channel | None = None,
    contact: Contact | None = None,
    **fields: Any,
) -> Conversation:
    channel = channel or make_channel()
    contact = contact or Contact.objects.create(name=name)
    identity = Identity.objects.create(channel=channel, contact=contact, external_id=f"person-{next(_numbers)}")
    return Conversation.objects.create(identity=identity, **fields)


def make_message(
    conversation: Conversation,
    text: str = "Hello",
    *,
    at: dt.datetime = NOON,
    **fields: Any,
) -> Message:
    """One message and its roll-up into the conversation."""
    fields.setdefault("direction", Direction.IN)
    fields.setdefault("kind", Kind.TEXT)
    message = Message.objects.create(
        conversation=conversation,
        platform_id=f"mid-{next(_numbers)}",
        text=text,
        sent_at=at,
        **fields,
    )
    if conversation.last_message_at is None or at >= conversation.last_message_at:
        conversation.last_message_at = at
        conversation.last_direction, conversation.last_kind = (
            message.direction,
            message.kind,
        )
        conversation.last_preview = text[:200]
    if message.direction == Direction.IN:
        conversation.last_in_at = max(at, conversation.last_in_at or at)
        conversation.unread += 1
    conversation.save()
    return message


def make_messages(conversation: Conversation, count: int, *, at: dt.datetime = NOON, step: int = 60) -> list[Message]:
    """Many messages, `step` seconds apart, the newest last."""
    made = Message.objects.bulk_create(
        Message(
            conversation=conversation,
            platform_id=f"mid-{next(_numbers)}",
            direction=Direction.IN if number % 3 else Direction.OUT,
            text=f"message {number}",
            sent_at=at + dt.timedelta(seconds=step * number),
        )
        for number in range(count)
    )
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message_at=made[-1].sent_at,
        last_in_at=made[-1].sent_at,
        last_kind=Kind.TEXT,
        last_preview=made[-1].text,
        last_direction=Direction.IN,
        unread=count,
    )
    conversation.refresh_from_db()
    return made


def minutes_ago(count: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(minutes=count)
