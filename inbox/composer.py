"""The box under a chat: what stands above it, what was typed, and what was wrong with that."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from .carriers import Terms, carrier
from .models import Conversation
from .replies import ReplyRefused
from .reply_words import Standing, refusal, standing


@dataclass(frozen=True, slots=True)
class Composer:
    """`request_key`: of this form; sent twice, it is one message."""

    terms: Terms
    standing: Standing
    request_key: uuid.UUID
    draft: str = ""
    error: str = ""


def composer_for(chat: Conversation, *, draft: str = "", refused: ReplyRefused | None = None) -> Composer:
    """The box of a conversation with its identity and channel. One query."""
    channel, terms = chat.identity.channel, carrier().terms(chat)
    error = refusal(channel, refused) if refused else ""
    return Composer(terms, standing(channel, terms), uuid.uuid4(), draft, error)
