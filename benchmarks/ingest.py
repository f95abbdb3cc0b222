"""Deliveries of 100 events against the same events written by two bare statements each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from channels_ingest.delivery import delivery_take
from channels_ingest.models import Connection, ConnectionState
from contacts.models import Channel

from .timing import beside

EVENTS = 1_000
BATCH = 100
PEOPLE = 200
BOT = "U" + "b" * 32


def body(numbers: range) -> dict[str, Any]:
    """A LINE delivery of text messages."""
    events = [
        {
            "type": "message",
            "mode": "active",
            "timestamp": 1_790_000_000_000 + number,
            "webhookEventId": f"bench{number}",
            "deliveryContext": {"isRedelivery": False},
            "replyToken": "r" * 32,
            "source": {"type": "user", "userId": f"U{number % PEOPLE:032d}"},
            "message": {"id": str(number), "type": "text", "text": "สวัสดี", "quoteToken": "q"},
        }
        for number in numbers
    ]
    return {"destination": BOT, "events": events}


def measure() -> Iterator[str]:
    """Lines of ingest's figures."""
    channel = Channel.objects.create(platform="line", external_id=BOT, name="Bench")
    Connection.objects.create(channel=channel, secrets=["s"], state=ConnectionState.CONNECTED)
    rounds = count()

    def deliveries() -> None:
        start = next(rounds) * EVENTS
        for first in range(start, start + EVENTS, BATCH):
            delivery_take(
                platform="line",
                decoded=body(range(first, first + BATCH)),
                received_at=timezone.now(),
                channel_id=channel.pk,
            )

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_person (id text PRIMARY KEY, at timestamptz)")
        cursor.execute("CREATE TABLE bench_message (id text PRIMARY KEY, person text, text text)")
    floors = count()

    def bare() -> None:
        start = next(floors) * EVENTS
        for number in range(start, start + EVENTS):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO bench_person VALUES (%s, now()) ON CONFLICT (id) DO UPDATE SET at = now()",
                    [str(number % PEOPLE)],
                )
                cursor.execute(
                    "INSERT INTO bench_message VALUES (%s, %s, %s)", [str(number), str(number % PEOPLE), "x"]
                )

    yield beside(
        f"{EVENTS:,} events in deliveries of {BATCH}", deliveries, "two bare statements and a commit an event", bare
    )
