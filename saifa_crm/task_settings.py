"""Settings of Celery: broker, queues, and when each sweep runs. `saifa_crm.settings` takes them in."""

from __future__ import annotations

from .env import broker_url

CELERY_BROKER_URL = broker_url()
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "visibility_timeout": 3600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_DB_REUSE_MAX = 1_000_000
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "sweep"
CELERY_TASK_ROUTES = {
    "channels_ingest.tasks.profile_*": {"queue": "profile"},
    "channels_ingest.tasks.webhook_*": {"queue": "profile"},
    "channels_ingest.tasks.token_*": {"queue": "profile"},  # as rare as it is slow: a call to a platform
    "channels_ingest.tasks.quota_*": {"queue": "profile"},
    "channels_ingest.tasks.media_*": {"queue": "media"},
    "channels_ingest.tasks.message_send": {"queue": "outbound"},
    "channels_ingest.tasks.sweep_*": {"queue": "sweep"},
    "contacts.tasks.export_*": {"queue": "report"},
}
CELERY_IMPORTS = ("contacts.export_tasks",)
# Seconds between two runs. While no worker runs they do not pile up: what a sweep does stands in rows, not in its task.
SWEEPS = {
    "channels_ingest.tasks.sweep_profiles": 20.0,
    "channels_ingest.tasks.sweep_stale_profiles": 3600.0,
    "channels_ingest.tasks.sweep_tokens": 900.0,
    "channels_ingest.tasks.sweep_webhooks": 3600.0,
    "channels_ingest.tasks.sweep_media": 60.0,
    "channels_ingest.tasks.sweep_media_files": 3600.0,
    "channels_ingest.tasks.sweep_outbound": 15.0,
    "channels_ingest.tasks.sweep_quotas": 900.0,
    "contacts.tasks.sweep_exports": 60.0,
    "overview.tasks.sweep_sign_in": 3600.0,
    "contacts.tasks.sweep_bulk": 60.0,
    "channels_ingest.tasks.sweep_last_events": 60.0,
    "channels_ingest.tasks.sweep_counts": 60.0,
    "channels_ingest.tasks.sweep_expired": 3600.0,
}
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": every, "options": {"expires": max(every, 300.0)}} for task, every in SWEEPS.items()
}
