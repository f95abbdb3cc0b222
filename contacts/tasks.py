"""Celery tasks of contacts: each takes ids, calls one service, and can be lost: the sweep finds the work again."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task

from .models import BulkJob
from .services.bulk import AT_ONCE, bulk_forgotten, bulk_purge, bulk_work

logger = logging.getLogger(__name__)


def enqueue(task: Any, *args: Any) -> None:
    """Queue a task; with Redis away the work waits for the sweep (DESIGN rule 9)."""
    try:
        task.delay(*args)
    except Exception:
        logger.warning("not queued, the sweep will find it: %s", task.name)


@shared_task(name="contacts.tasks.bulk_run")
def bulk_run(job_id: int) -> None:
    """A turn of a bulk job; one that is not done queues again, so that a long job holds up no other task."""
    if bulk_work(job_id=job_id):
        enqueue(bulk_run, job_id)


def bulk_begin(job: BulkJob) -> None:
    """Have a confirmed job done: a small one here and now, a large one in the background."""
    if job.counted <= AT_ONCE:
        bulk_work(job_id=job.pk)
    else:
        enqueue(bulk_run, job.pk)


@shared_task(name="contacts.tasks.sweep_bulk")
def sweep_bulk() -> None:
    """Bulk jobs whose worker was lost go on; what is past its time goes."""
    for job_id in bulk_forgotten():
        enqueue(bulk_run, job_id)
    bulk_purge()
