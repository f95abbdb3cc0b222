"""How far what the shop sent has come: the one place that weighs what platforms told of it."""

from __future__ import annotations

import datetime as dt

from .models import Conversation, DeliveryState, Direction, Message

# What became of the sending itself: a customer who has read up to a time says nothing about these.
NOT_OUT = frozenset({DeliveryState.QUEUED, DeliveryState.FAILED})


def delivery_state(message: Message, conversation: Conversation) -> str:
    """A DeliveryState: the farthest of the message's own and what the conversation's marks tell of its time.

    Empty for what did not go out to the customer. What another app sent has reached the platform at the least.
    """
    if message.direction != Direction.OUT or message.unsent_at is not None:
        return DeliveryState.NONE
    if message.delivery_state in NOT_OUT:
        return message.delivery_state
    if message.delivery_state == DeliveryState.READ or _by(message.sent_at, conversation.seen_upto):
        return DeliveryState.READ
    if message.delivery_state == DeliveryState.DELIVERED or _by(message.sent_at, conversation.delivered_upto):
        return DeliveryState.DELIVERED
    return DeliveryState.SENT


def _by(sent_at: dt.datetime, upto: dt.datetime | None) -> bool:
    return upto is not None and sent_at <= upto
