"""Messages that hold words, newest first: bounded work whether a word is in every message or in none.

A common word is met within the newest few thousand messages, which are walked along (sent_at, id). One that is not
is rare enough for the trigram index, whose matches are few to sort. What the index cannot narrow (two letters) or not
in time (rare words made of common trigrams) is walked further, and the page says how far back it looked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from inbox.keyset import Cursor
from inbox.models import Message
from inbox.words import WordQuery

PAGE_SIZE = 30
WALK = 10_000  # messages: some 25 ms
LONG_WALK = 100_000  # messages: some 250 ms
INDEX_MILLISECONDS = 1500

# As in the condition and the expression of the two indexes (models.SEARCHED, models.FOLDED_TEXT).
_SEARCHED = "message.text > '' AND message.unsent_at IS NULL"
_FOLDED = "upper(normalize(message.text, NFKC))"
_BEFORE = "AND message.sent_at <= %(at)s AND (message.sent_at < %(at)s OR message.id < %(pk)s)"
_NEWEST = "ORDER BY sent_at DESC, id DESC"

# Plan: Limit over a Nested Loop over an Index Scan of message_sent; stops at the page's last match.
_WALK = f"""
    SELECT message.id, message.sent_at
    FROM (
        SELECT id, sent_at, text, conversation_id FROM inbox_message message
        WHERE {_SEARCHED} {{before}} {_NEWEST} LIMIT %(walk)s
    ) message
    JOIN inbox_conversation conversation ON conversation.id = message.conversation_id AND NOT conversation.is_spam
    WHERE {{holds}}
    {_NEWEST} LIMIT %(size)s
"""
_WALK_END = f"""
    SELECT sent_at, id FROM inbox_message message WHERE {_SEARCHED} {{before}} {_NEWEST} OFFSET %(walk)s - 1 LIMIT 1
"""
# Plan: Bitmap Index Scan on message_words. MATERIALIZED and no place in time inside: with either in sight, the planner
# may walk the order instead.
_INDEX = f"""
    WITH found AS MATERIALIZED (
        SELECT id, sent_at, conversation_id FROM inbox_message message WHERE {_SEARCHED} AND {{holds}}
    )
    SELECT message.id, message.sent_at
    FROM found message
    JOIN inbox_conversation conversation ON conversation.id = message.conversation_id
    WHERE NOT conversation.is_spam {{before}}
    {_NEWEST} LIMIT %(size)s
"""
_BY_INDEX = "SELECT set_config('statement_timeout', %s, true), set_config('enable_seqscan', %s, true)"


@dataclass(frozen=True, slots=True)
class FoundPage:
    """`messages` newest first, each with conversation, channel and contact; `older` is where the next page begins.

    `searched_to` is set where the search stopped for its cost, not for want of messages: nothing is known of older.
    """

    messages: list[Message]
    older: Cursor | None = None
    searched_to: dt.datetime | None = None


def message_search(*, query: WordQuery, before: Cursor | None = None, size: int = PAGE_SIZE) -> FoundPage:
    """Messages that hold every word of the query somewhere, in chats that are no spam. Two to eight statements."""
    search = _Search(query, before, size)
    rows = search.walk(WALK)
    if len(rows) > size or (end := search.walk_end(WALK)) is None:
        return search.page(rows)
    if query.has_trigrams and (indexed := search.by_index()) is not None:
        return search.page(indexed)
    rows = search.walk(LONG_WALK)
    end = search.walk_end(LONG_WALK)
    if len(rows) > size or end is None:
        return search.page(rows)
    return FoundPage(_messages(rows), older=end, searched_to=end.at)


class _Search:
    """One page's statements and their parameters."""

    def __init__(self, query: WordQuery, before: Cursor | None, size: int) -> None:
        self.size = size
        self.params: dict[str, Any] = {"size": size + 1}
        self.parts = {"before": "", "holds": ""}
        holds = []
        for number, word in enumerate(query.words):
            self.params[f"word{number}"] = f"%{_escaped(word)}%"
            holds.append(f"{_FOLDED} LIKE upper(%(word{number})s)")
        self.parts["holds"] = " AND ".join(holds)
        if before is not None:
            self.parts["before"] = _BEFORE
            self.params |= {"at": before.at, "pk": before.pk}

    def walk(self, length: int) -> list[Cursor]:
        return self._rows(_WALK, walk=length)

    def walk_end(self, length: int) -> Cursor | None:
        """The last message of a walk; None where the walk met the oldest of all."""
        with connection.cursor() as cursor:
            cursor.execute(_WALK_END.format(**self.parts), {**self.params, "walk": length})
            row = cursor.fetchone()
        return Cursor(row[0], row[1]) if row else None

    def by_index(self) -> list[Cursor] | None:
        """The page by the trigram index; None if that took too long."""
        try:
            with transaction.atomic():
                self.use_indexes(f"{INDEX_MILLISECONDS}ms", "off")
                rows = self._rows(_INDEX)
                self.use_indexes("0", "on")  # there may be a transaction around this one
                return rows
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                return None
            raise

    def page(self, rows: list[Cursor]) -> FoundPage:
        shown = rows[: self.size]
        return FoundPage(_messages(shown), older=shown[-1] if len(rows) > self.size else None)

    def use_indexes(self, timeout: str, scans: str) -> None:
        """Keep the planner from reading the table, for so long ("1500ms"); "0" and "on" put an end to that."""
        with connection.cursor() as cursor:
            cursor.execute(_BY_INDEX, [timeout, scans])

    def _rows(self, statement: str, **more: int) -> list[Cursor]:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(**self.parts), {**self.params, **more})
            return [Cursor(at, pk) for pk, at in cursor.fetchall()]


def _escaped(word: str) -> str:
    """LIKE's own signs taken literally."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _messages(rows: list[Cursor]) -> list[Message]:
    found = Message.objects.select_related(
        "sender", "conversation__identity__channel", "conversation__identity__contact"
    ).in_bulk([row.pk for row in rows])
    return [found[row.pk] for row in rows if row.pk in found]
