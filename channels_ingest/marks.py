"""Facts kept for what has not arrived yet: read with what arrives, written for what is missing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection

from django.db import connection

from contacts.services import PersonKey

from .facts import Fact, FactKey

MessageKey = tuple[int, str, str]  # channel id, person id, platform id


def marks_read(*, messages: Collection[MessageKey], people: Collection[PersonKey]) -> list[Fact]:
    """Marks about these messages, and all marks of these (new) people. One statement, by the unique index."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.channel_id, m.person_id, m.platform_id, m.kind, m.at, m.rank, m.value
            FROM unnest(%s::integer[], %s::text[], %s::text[]) AS k(channel_id, person_id, platform_id)
            JOIN channels_ingest_mark m USING (channel_id, person_id, platform_id)
            UNION
            SELECT m.channel_id, m.person_id, m.platform_id, m.kind, m.at, m.rank, m.value
            FROM unnest(%s::integer[], %s::text[]) AS k(channel_id, person_id)
            JOIN channels_ingest_mark m USING (channel_id, person_id)
            """,
            [
                [key[0] for key in messages],
                [key[1] for key in messages],
                [key[2] for key in messages],
                [key[0] for key in people],
                [key[1] for key in people],
            ],
        )
        return [_fact(*row) for row in cursor.fetchall()]


def _fact(channel_id: int, person_id: str, platform_id: str, kind: str, at: dt.datetime, rank: int, value: str) -> Fact:
    return Fact(channel_id, person_id, platform_id, kind, at, rank, json.loads(value))


def marks_write(*, facts: Collection[Fact]) -> None:
    """Keep facts; of two with one key the greater counts. In key order, so that two deliveries cannot deadlock."""
    ordered = sorted(facts, key=lambda fact: fact.key)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO channels_ingest_mark AS m (channel_id, person_id, platform_id, kind, at, rank, value)
            SELECT * FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[],
                                 %s::jsonb[])
            ON CONFLICT (channel_id, person_id, platform_id, kind)
            DO UPDATE SET at = excluded.at, rank = excluded.rank, value = excluded.value
            WHERE (m.rank, m.at, coalesce(m.value ->> 'text', m.value ->> 'emoji', m.value ->> 'ref', '') COLLATE "C")
                < (excluded.rank, excluded.at, coalesce(excluded.value ->> 'text', excluded.value ->> 'emoji',
                                                        excluded.value ->> 'ref', '') COLLATE "C")
            """,
            [
                [fact.channel_id for fact in ordered],
                [fact.person_id for fact in ordered],
                [fact.platform_id for fact in ordered],
                [fact.kind for fact in ordered],
                [fact.at for fact in ordered],
                [fact.rank for fact in ordered],
                [json.dumps(dict(fact.value)) for fact in ordered],
            ],
        )


def marks_drop(*, keys: Collection[FactKey]) -> None:
    """Forget marks that have reached what they are about."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM channels_ingest_mark m
            USING unnest(%s::integer[], %s::text[], %s::text[], %s::text[])
                AS k(channel_id, person_id, platform_id, kind)
            WHERE (m.channel_id, m.person_id, m.platform_id, m.kind)
                = (k.channel_id, k.person_id, k.platform_id, k.kind)
            """,
            [[key[place] for key in keys] for place in range(4)],
        )
