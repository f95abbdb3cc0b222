"""Celery tasks of the channels: each takes ids, calls one service, and can be lost: the sweep finds the work again."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task

from . import profile_sweep, profiles, tokens
from .counters import last_events_flush
from .retention import expired_purge

logger = logging.getLogger(__name__)


def enqueue(task: Any, *args: Any) -> None:
    """Queue a task; with Redis away the work waits for the sweep (DESIGN rule 9)."""
    try:
        task.delay(*args)
    except Exception:
        logger.warning("not queued, the sweep will find it: %s", task.name)


@shared_task(name="channels_ingest.tasks.profile_fetch")
def profile_fetch(identity_id: int) -> None:
    """Fetch one person's profile."""
    profile_sweep.profile_unqueue(identity_id)
    profiles.profile_fetch(identity_id=identity_id)


@shared_task(name="channels_ingest.tasks.profile_fan_out")
def profile_fan_out(identity_ids: list[int]) -> None:
    """One publish from the webhook, one task a person from here."""
    for identity_id in identity_ids:
        enqueue(profile_fetch, identity_id)


@shared_task(name="channels_ingest.tasks.sweep_profiles")
def sweep_profiles() -> None:
    """Queue every profile that is due, forgotten ones included."""
    for identity_id in profile_sweep.profiles_to_queue():
        enqueue(profile_fetch, identity_id)


@shared_task(name="channels_ingest.tasks.sweep_stale_profiles")
def sweep_stale_profiles() -> None:
    """Have profiles fetched again that may have changed."""
    profile_sweep.stale_profiles_renew()


@shared_task(name="channels_ingest.tasks.token_look_after")
def token_look_after(connection_id: int) -> None:
    """The day's check of one channel's token."""
    tokens.connection_look_after(connection_id=connection_id)


@shared_task(name="channels_ingest.tasks.sweep_tokens")
def sweep_tokens() -> None:
    """Queue the checks whose turn it is."""
    for connection_id in tokens.connections_to_check():
        enqueue(token_look_after, connection_id)


@shared_task(name="channels_ingest.tasks.sweep_last_events")
def sweep_last_events() -> None:
    """Bring the last events from Redis to the rows, so that they outlive it."""
    last_events_flush()


@shared_task(name="channels_ingest.tasks.sweep_expired")
def sweep_expired() -> None:
    """Drop raw and stray events past their retention."""
    expired_purge()
