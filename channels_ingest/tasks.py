"""Celery tasks of the channels: each takes ids, calls one service, and can be lost: the sweep finds the work again."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from celery import shared_task

from contacts.services import profiles_claim
from inbox.outbound import messages_due

from . import outbound, profiles, quotas
from .counters import last_events_flush
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


@shared_task(name="channels_ingest.tasks.sweep_expired")
def sweep_expired() -> None:
    """Drop raw and stray events past their retention."""
    expired_purge()


@shared_task(name="channels_ingest.tasks.message_send")
def message_send(message_id: int) -> None:
    """Send one queued reply; the next one of its chat, if any, is queued after it."""
    following = outbound.message_send(message_id=message_id)
    if following is not None:
        enqueue(message_send, following)


@shared_task(name="channels_ingest.tasks.sweep_outbound")
def sweep_outbound() -> None:
    """Queue every reply that is due, forgotten ones included."""
    for message_id, tries in messages_due(limit=SWEEP_SIZE):
        if outbound.send_wanted(message_id, tries):
            enqueue(message_send, message_id)


@shared_task(name="channels_ingest.tasks.quota_fetch")
def quota_fetch(connection_id: int) -> None:
    """Ask what is left of one channel's month."""
    quotas.quota_fetch(connection_id=connection_id)


@shared_task(name="channels_ingest.tasks.sweep_quotas")
def sweep_quotas() -> None:
    """Queue the question for every channel whose replies are paid from a quota."""
    for connection_id in quotas.connections_with_quota():
        enqueue(quota_fetch, connection_id)
