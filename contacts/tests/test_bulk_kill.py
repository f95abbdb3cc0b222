"""A worker process killed hard in the middle of a bulk change: nothing half done, nothing skipped, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Activity, BulkItem, BulkJob, BulkState, Contact, ContactLabel
from contacts.services.bulk import CHUNK, bulk_confirm, bulk_draft, bulk_undo
from contacts.tasks import bulk_run, sweep_bulk
from saifa_crm.stack.process import wait_until

from .factories import make_label

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = """
import sys
from saifa_crm.celery import app
app.conf.task_default_queue = sys.argv[1]
app.worker_main(["--quiet", "worker", "--queues", sys.argv[1], "--concurrency", "1", "--loglevel", "ERROR",
                 "--without-gossip", "--without-mingle", "--without-heartbeat"])
"""
MORE = 500  # contacts of the second chunk


@contextmanager
def worker(queue: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker as it runs in production, on a queue of its own, in a process group of its own."""
    database = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "saifa_crm.settings",
        "DEBUG": "1",
        "SECRET_KEY": project.SECRET_KEY,
        "FIELD_ENCRYPTION_KEYS": ",".join(project.FIELD_ENCRYPTION_KEYS),
        "DATABASE_URL": database,
    }
    command = [sys.executable, "-c", WORKER, queue]
    with subprocess.Popen(command, env=environment, cwd=project.BASE_DIR, start_new_session=True) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() is not None


def is_done(job: BulkJob) -> bool:
    job.refresh_from_db()
    return job.state == BulkState.DONE


def test_killed_in_the_midst_of_a_chunk_and_finished_by_the_sweep(agent: User) -> None:
    label, queue = make_label(), f"bulk-{uuid4().hex}"
    contacts = Contact.objects.bulk_create(Contact(name=f"Customer {place:04}") for place in range(CHUNK + MORE))
    job = bulk_draft(actor=agent, action="label_add", contacts=Contact.objects.all())
    bulk_confirm(job_id=job.pk, choices=[label.pk])
    bulk_run.apply_async((job.pk,), queue=queue)
    # The last write of a chunk waits here: labels and history of the second one are written, and not committed.
    with transaction.atomic():
        held = BulkItem.objects.select_for_update().filter(job_id=job.pk, contact_id=contacts[-1].pk)
        assert held.values_list("contact_id", flat=True).get() == contacts[-1].pk
        with worker(queue) as process:
            assert wait_until(somebody_waits, seconds=60)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)
    assert wait_until(lambda: not somebody_waits(), seconds=20)
    job.refresh_from_db()
    assert (job.state, job.done, job.changed) == (BulkState.RUNNING, CHUNK, CHUNK)

    BulkJob.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    sweep_bulk.apply_async(queue=queue)
    with worker(queue):
        assert wait_until(lambda: is_done(job), seconds=60)
        undo = bulk_undo(job_id=job.pk, actor=agent)
        ids = {contact.pk for contact in contacts}
        assert (job.done, job.changed, job.missing) == (len(ids), len(ids), 0)
        noted = Activity.objects.filter(verb="label_added").values_list("contact_id", flat=True)
        assert (len(noted), set(noted)) == (len(ids), ids)
        bulk_run.apply_async((undo.pk,), queue=queue)
        assert wait_until(lambda: is_done(undo), seconds=60)
    assert (undo.changed, ContactLabel.objects.count()) == (len(ids), 0)
    assert Activity.objects.filter(verb="label_removed").count() == len(ids)
