"""Celery tasks of the channels: each takes ids, calls one service, and can be lost: the sweep finds the work again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import redis
from celery import shared_task
from django.core.cache import cache

from inbox.media import media_orphans_remove
from inbox.outbound import messages_due
from saifa_crm.lib.queues import enqueue

from . import media, outbound, profile_sweep, profiles, quotas, tokens, webhook_watch
from .counts import counts_flush, last_events_flush
from .retention import expired_purge
from .services_check import connection_check

SWEEP_SIZE = 500
STRAYS_SLICE = 200
STRAYS_REPLAYING = "strays:replaying"
STRAYS_MARK_SECONDS = 600  # a replay that broke off is not shown for ever


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


@shared_task(name="channels_ingest.tasks.token_check")
def token_check(connection_id: int) -> None:
    """Ask the platform now whether one channel's token still works."""
    connection_check(connection_id=connection_id)


@shared_task(name="channels_ingest.tasks.sweep_tokens")
def sweep_tokens() -> None:
    """Queue the checks whose turn it is."""
    for connection_id in tokens.connections_to_check():
        enqueue(token_look_after, connection_id)


@shared_task(name="channels_ingest.tasks.media_fetch")
def media_fetch(media_id: int) -> None:
    """Copy one attachment."""
    media.media_fetch(media_id=media_id)


@shared_task(name="channels_ingest.tasks.media_fan_out")
def media_fan_out(media_ids: list[int]) -> None:
    """One publish from the webhook, one task an attachment from here."""
    for media_id in media_ids:
        enqueue(media_fetch, media_id)


def media_queue(media_ids: Sequence[int]) -> None:
    """Have these attachments fetched; what the inbox calls after a commit."""
    enqueue(media_fan_out, list(media_ids))


@shared_task(name="channels_ingest.tasks.sweep_media")
def sweep_media() -> None:
    """Queue every attachment that is due, forgotten ones included."""
    for media_id in media.media_claim(limit=SWEEP_SIZE):
        enqueue(media_fetch, media_id)


@shared_task(name="channels_ingest.tasks.sweep_media_files")
def sweep_media_files() -> None:
    """Delete files that no row knows."""
    media_orphans_remove()


@shared_task(name="channels_ingest.tasks.webhook_look")
def webhook_look(connection_id: int) -> None:
    """Ask one platform whether it still posts to one channel."""
    webhook_watch.webhook_look(connection_id=connection_id)


@shared_task(name="channels_ingest.tasks.sweep_webhooks")
def sweep_webhooks() -> None:
    """Queue the look at every channel's webhook."""
    for connection_id in webhook_watch.connections_to_watch():
        enqueue(webhook_look, connection_id)


@shared_task(name="channels_ingest.tasks.sweep_last_events")
def sweep_last_events() -> None:
    """Bring the last events from Redis to the rows, so that they outlive it."""
    last_events_flush()


@shared_task(name="channels_ingest.tasks.sweep_counts")
def sweep_counts() -> None:
    """Bring the counts of the channels from Redis to rows."""
    counts_flush()


def strays_replay_begin(filters: dict[str, Any], upto: int, actor_id: int) -> None:
    """Queue a bulk replay; the page says from now on that one is under way."""
    with suppress(redis.RedisError):
        cache.set(STRAYS_REPLAYING, upto, STRAYS_MARK_SECONDS)
    enqueue(strays_replay, filters, 0, upto, actor_id)


@shared_task(name="channels_ingest.tasks.sweep_strays_replay")
def strays_replay(filters: dict[str, Any], after: int, upto: int, actor_id: int) -> None:
    """Replay a slice of a filter's strays, then queue the next; a slice that is lost can be begun again."""
    from .services_strays import stray_replay, strays_slice

    ids = strays_slice(filters=filters, after=after, upto=upto, size=STRAYS_SLICE)
    for stray_id in ids:
        stray_replay(stray_id=stray_id, actor_id=actor_id)
    if len(ids) < STRAYS_SLICE:
        cache.delete(STRAYS_REPLAYING)
        return
    cache.set(STRAYS_REPLAYING, upto, STRAYS_MARK_SECONDS)
    enqueue(strays_replay, filters, ids[-1], upto, actor_id)


def strays_replaying() -> bool:
    """Whether a bulk replay is under way."""
    try:
        return cache.get(STRAYS_REPLAYING) is not None
    except redis.RedisError:
        return False


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
