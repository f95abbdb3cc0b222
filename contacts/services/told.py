"""What platforms tell of a person beside messages: where they came from, and lines of the activity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class CameBy:
    """An ad, link or opt-in by which the person of an identity came, at an effective time."""

    identity_id: int
    source: str
    ref: str
    title: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """Something a platform told of a person; `key` makes it one line however often it is told."""

    contact_id: int
    key: str
    verb: str
    detail: str
    at: dt.datetime


def origins_keep(*, came: Sequence[CameBy]) -> None:
    """Keep the earliest origin of each identity; equal times are decided by the reference."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE contacts_identity i
            SET origin_source = v.source, origin_ref = v.ref, origin_title = v.title, origin_at = v.at
            FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
                AS v(id, source, ref, title, at)
            WHERE i.id = v.id AND (i.origin_at IS NULL OR v.at < i.origin_at
                OR (v.at = i.origin_at AND v.ref COLLATE "C" > i.origin_ref COLLATE "C"))
            """,
            [
                [one.identity_id for one in came],
                [one.source for one in came],
                [one.ref for one in came],
                [one.title for one in came],
                [one.at for one in came],
            ],
        )


def happenings_note(*, happened: Sequence[Happened]) -> None:
    """Write each as a line of the contact's activity, once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_activity (contact_id, platform_key, verb, after, at)
            SELECT * FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
            ON CONFLICT DO NOTHING
            """,
            [
                [one.contact_id for one in happened],
                [one.key for one in happened],
                [f"platform_{one.verb}"[:40] for one in happened],
                [one.detail for one in happened],
                [one.at for one in happened],
            ],
        )
