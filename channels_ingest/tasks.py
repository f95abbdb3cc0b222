"""Celery tasks of the channels: each takes ids, calls one service, and can be lost: the sweep finds the work again."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from celery import shared_task

from contacts.services import profiles_claim

from . import profiles
from .counts import counts_flush, last_events_flush
from .retention import expired_purge

logger = logging.getLogger(__name__)
SWEEP_SIZE = 500
CLAIM = dt.timedelta(minutes=5)  # within it a queued fetch should have run; lost ones are found after it


def enqueue(task: Any, *args: Any) -> None:
    """Queue a task; with Redis away the work waits for the sweep (DESIGN rule 9)."""
    try:
        task.delay(*args)
    except Exception:
        logger.warning("not queued, the sweep will find it: %s", task.name)


@shared_task(name="channels_ingest.tasks.profile_fetch")
def profile_fetch(identity_id: int) -> None:
    """Fetch one person's profile."""
    profiles.profile_fetch(identity_id=identity_id)


@shared_task(name="channels_ingest.tasks.profile_fan_out")
def profile_fan_out(identity_ids: list[int]) -> None:
    """One publish from the webhook, one task a person from here."""
    for identity_id in identity_ids:
        enqueue(profile_fetch, identity_id)


@shared_task(name="channels_ingest.tasks.sweep_profiles")
def sweep_profiles() -> None:
    """Queue every profile that is due, forgotten ones included."""
    for identity_id in profiles_claim(limit=SWEEP_SIZE, retry_in=CLAIM):
        enqueue(profile_fetch, identity_id)


@shared_task(name="channels_ingest.tasks.sweep_last_events")
def sweep_last_events() -> None:
    """Bring the last events from Redis to the rows, so that they outlive it."""
    last_events_flush()


@shared_task(name="channels_ingest.tasks.sweep_counts")
def sweep_counts() -> None:
    """Bring the counts of the channels from Redis to rows."""
    counts_flush()


@shared_task(name="channels_ingest.tasks.sweep_expired")
def sweep_expired() -> None:
    """Drop raw and stray events past their retention."""
    expired_purge()
