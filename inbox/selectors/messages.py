"""What was said: a conversation's thread and a contact's timeline over all channels, in keyset pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from inbox.keyset import Cursor
from inbox.models import Conversation, MediaFile, Message, ThreadControl

PAGE_SIZE = 50
CONTROLS_LIMIT = 400
REFRESH_LIMIT = 300  # messages a live refresh may bring back at once
BELOW = 12  # messages shown below the one a link leads to


@dataclass(frozen=True, slots=True)
class MessagePage:
    """`messages` oldest first, each with sender and copies of attachments; `older` is where the page before begins."""

    messages: list[Message]
    older: Cursor | None


def message_page(*, conversation_id: int, before: Cursor | None = None, size: int = PAGE_SIZE) -> MessagePage:
    """The newest messages of a conversation, or those before a cursor. Two queries."""
    chosen = Message.objects.filter(conversation_id=conversation_id)
    if before is not None:
        chosen = chosen.filter(before.before("sent_at"))
    return _page(chosen.select_related("sender"), size)


def message_page_from(*, conversation_id: int, since: Cursor) -> MessagePage:
    """Everything from a message on, late arrivals in the middle included; what an open page shows."""
    chosen = Message.objects.filter(since.onwards("sent_at"), conversation_id=conversation_id)
    page = _page(chosen.select_related("sender"), REFRESH_LIMIT)
    if page.older is None and Message.objects.filter(since.before("sent_at"), conversation_id=conversation_id).exists():
        return MessagePage(page.messages, _cursor(page.messages[0]) if page.messages else since)
    return page


def newer_end(*, conversation_id: int, at: Cursor) -> Cursor | None:
    """Where the page that shows a message amid others begins (`before`); None: it is the newest page. One query."""
    newer = Message.objects.filter(at.onwards("sent_at"), conversation_id=conversation_id)
    rows = newer.order_by("sent_at", "pk").values_list("sent_at", "pk")[BELOW + 1 : BELOW + 2]
    return next((Cursor(sent_at, pk) for sent_at, pk in rows), None)


def contact_timeline(*, contact_id: int, before: Cursor | None = None, size: int = PAGE_SIZE) -> MessagePage:
    """A page over all the contact's channels, each message with its conversation's identity and channel.

    Four queries. The union takes each conversation's newest few from its index, where one condition over all
    of them would read and sort every message the person ever wrote.
    """
    conversations = list(Conversation.objects.filter(identity__contact_id=contact_id).values_list("pk", flat=True))
    if not conversations:
        return MessagePage([], None)
    parts = [_newest_ids(conversation_id, before, size + 1) for conversation_id in conversations]
    ids = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True).order_by("-sent_at", "-pk")[: size + 1]
    chosen = Message.objects.filter(pk__in=[pk for pk, _ in ids]).select_related(
        "sender", "conversation__identity__channel"
    )
    return _page(chosen, size)


def thread_controls(*, conversation_id: int) -> list[ThreadControl]:
    """When other apps took this chat and gave it back, in order; the newest few hundred moments. One query."""
    rows = ThreadControl.objects.filter(conversation_id=conversation_id).order_by("-at", "-ours")[:CONTROLS_LIMIT]
    return list(reversed(rows))


def quoted_messages(*, messages: Iterable[Message]) -> dict[tuple[int, str], Message]:
    """The messages that others reply to, by (conversation, platform id). One query; none without quotes."""
    wanted = {(message.conversation_id, message.reply_to) for message in messages if message.reply_to}
    if not wanted:
        return {}
    found = Message.objects.filter(
        conversation_id__in={conversation for conversation, _ in wanted},
        platform_id__in={key for _, key in wanted},
    )
    return {(message.conversation_id, message.platform_id or ""): message for message in found}


def media_stored_get(*, media_id: int) -> MediaFile | None:
    """A copy that can be handed out, with its message; None for one that is not stored, or was taken back."""
    stored = MediaFile.objects.filter(pk=media_id, state=MediaFile.State.STORED, message__unsent_at__isnull=True)
    return stored.select_related("message").first()


def _newest_ids(conversation_id: int, before: Cursor | None, limit: int) -> QuerySet[Message, tuple[int, object]]:
    chosen = Message.objects.filter(conversation_id=conversation_id)
    if before is not None:
        chosen = chosen.filter(before.before("sent_at"))
    return chosen.order_by("-sent_at", "-pk").values_list("pk", "sent_at")[:limit]


def _page(chosen: QuerySet[Message], size: int) -> MessagePage:
    rows = list(chosen.prefetch_related("media").order_by("-sent_at", "-pk")[: size + 1])
    has_older = len(rows) > size
    messages = list(reversed(rows[:size]))
    return MessagePage(messages, _cursor(messages[0]) if has_older else None)


def _cursor(message: Message) -> Cursor:
    return Cursor(message.sent_at, message.pk)
