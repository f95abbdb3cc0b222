"""Celery tasks of contacts: each takes ids, calls one service, and can be lost: the sweep finds the work again."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import OperationalError

from saifa_crm.lib.queues import enqueue

from .models import BulkJob
from .services.bulk import AT_ONCE, bulk_forgotten, bulk_purge, bulk_work

logger = logging.getLogger(__name__)


@shared_task(name="contacts.tasks.bulk_run")
def bulk_run(job_id: int) -> None:
    """A turn of a bulk job; one that is not done queues again, so that a long job holds up no other task."""
    if bulk_work(job_id=job_id):
        enqueue(bulk_run, job_id)


def bulk_begin(job: BulkJob) -> None:
    """Have a confirmed job done: a small one here and now, a large one in the background."""
    if job.counted <= AT_ONCE:
        try:
            bulk_work(job_id=job.pk)
            return
        except OperationalError:
            logger.warning("bulk job %s goes on in the background", job.pk, exc_info=True)
    enqueue(bulk_run, job.pk)


@shared_task(name="contacts.tasks.sweep_bulk")
def sweep_bulk() -> None:
    """Bulk jobs whose worker was lost go on; what is past its time goes."""
    for job_id in bulk_forgotten():
        enqueue(bulk_run, job_id)
    bulk_purge()
