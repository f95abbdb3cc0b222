"""Changing many contacts: count them, confirm, work through them in chunks that a crash cannot tear, undo.

The contacts are put down when they are counted, so that what is changed is what was shown, whatever arrives meanwhile.
A chunk is one transaction: its changes, what they touched and how far the job has come stand or fall together.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from contacts.bulk_actions import bulk_action
from contacts.bulk_sets import Chunk, Touched
from contacts.models import BulkItem, BulkJob, BulkState, Contact

CHUNK = 5_000  # contacts a transaction: about a second, so that nobody waits long for a lock
AT_ONCE = 300  # up to so many contacts are changed while the person waits
TURN_SECONDS = 10.0  # then other tasks of the queue have their turn
UNDO_HOURS = 24
DRAFT_HOURS = 1
MOST_RECENT = 50  # shown of what a person has changed
FORGOTTEN_SECONDS = 60
TRIES = 5  # of a chunk that deadlocks; then the sweep takes the job up again
DEADLOCK = "40P01"
MOST_DRAFTS = 5  # of one person: opening the dialog over a million contacts again and again must not fill the disk

SNAPSHOT = "INSERT INTO contacts_bulkitem (job_id, contact_id) SELECT %s, found.id FROM ({}) found (id) ORDER BY 2"
TOUCHED = """
    UPDATE contacts_bulkitem item
    SET touched = coalesce(fresh.things, '{}'),
        noted = (SELECT pg_sequence_last_value(pg_get_serial_sequence('contacts_activity', 'id')::regclass))
    FROM unnest(%(contacts)s::integer[]) AS here(id)
    LEFT JOIN (
        SELECT t.contact_id, array_agg(t.thing ORDER BY t.thing) AS things
        FROM unnest(%(touched)s::integer[], %(things)s::integer[]) AS t(contact_id, thing) GROUP BY 1
    ) fresh ON fresh.contact_id = here.id
    WHERE item.job_id = %(job)s AND item.contact_id = here.id
"""


class NotUndoable(Exception):
    """Too late, undone already, still running, or of a kind that has no way back."""


@transaction.atomic
def bulk_draft(*, actor: User, action: str, contacts: QuerySet[Contact], query: str = "") -> BulkJob:
    """Put down the contacts as they are found now, by one statement; `counted` says how many."""
    drafts = BulkJob.objects.filter(actor=actor, state=BulkState.DRAFT).order_by("-pk")
    for pk in drafts.values_list("pk", flat=True)[MOST_DRAFTS - 1 :]:
        _drop_draft(pk)
    job = BulkJob.objects.create(actor=actor, action=action, query=query)
    job.counted = _snapshot(job, contacts)
    job.save(update_fields=["counted"])
    return job


def _snapshot(job: BulkJob, contacts: QuerySet[Contact]) -> int:
    try:
        sql, params = contacts.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT.format(sql), [job.pk, *params])
        return int(cursor.rowcount)


def bulk_confirm(*, job_id: int, choices: Sequence[int] = ()) -> bool:
    """Start a draft; False where it was started before (a second press of the button)."""
    return bool(
        BulkJob.objects.filter(pk=job_id, state=BulkState.DRAFT).update(
            state=BulkState.RUNNING, choices=list(choices), started_at=Now(), touched_at=Now()
        )
    )


def bulk_work(*, job_id: int, seconds: float = TURN_SECONDS, size: int = CHUNK) -> bool:
    """Work through chunks for some seconds; False when nothing is left to do."""
    end = time.monotonic() + seconds
    while _chunk_again(job_id, size):
        if time.monotonic() >= end:
            return True
    return False


def _chunk_again(job_id: int, size: int) -> bool:
    """A chunk; one that met somebody who locks in another order is tried again."""
    for _try in range(TRIES - 1):
        try:
            return bulk_chunk(job_id=job_id, size=size)
        except OperationalError as error:
            if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
    return bulk_chunk(job_id=job_id, size=size)


@transaction.atomic
def bulk_chunk(*, job_id: int, size: int = CHUNK) -> bool:
    """The next contacts of a running job, as one transaction; False when nothing is left to do.

    Two workers on one job take turns at its row. The number of statements does not depend on that of contacts.
    """
    job = BulkJob.objects.select_for_update().filter(pk=job_id, state=BulkState.RUNNING).first()
    if job is None:
        return False
    ahead = BulkItem.objects.filter(job_id=job.pk, contact_id__gt=job.reached).order_by("contact_id")
    ids = list(ahead.values_list("contact_id", flat=True)[:size])
    there = Contact.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    present = list(there.values_list("pk", flat=True))
    touched = _apply(job, present) if present else []
    job.done += len(ids)
    job.missing += len(ids) - len(present)
    job.changed += len({contact for contact, _thing in touched})
    job.reached = ids[-1] if ids else job.reached
    job.touched_at = timezone.now()
    if len(ids) < size:
        job.state, job.finished_at = BulkState.DONE, job.touched_at
    job.save(update_fields=["done", "missing", "changed", "reached", "touched_at", "state", "finished_at"])
    return job.is_running


def _apply(job: BulkJob, present: list[int]) -> Touched:
    action = bulk_action(job.action)
    touched = action.apply(Chunk(present, job.choices, job.actor_id, job.undo_of_id)) if action else []
    with connection.cursor() as cursor:
        cursor.execute(
            TOUCHED,
            {
                "job": job.pk,
                "contacts": present,
                "touched": [contact for contact, _thing in touched],
                "things": [thing for _contact, thing in touched],
            },
        )
    return touched


@transaction.atomic
def bulk_cancel(*, job_id: int) -> None:
    """Stop after the chunk that is being worked on; what is changed by then stays, and can be undone."""
    job = BulkJob.objects.select_for_update().get(pk=job_id)
    if job.is_running:
        job.state, job.finished_at = BulkState.CANCELLED, timezone.now()
        job.save(update_fields=["state", "finished_at"])


@transaction.atomic
def bulk_undo(*, job_id: int, actor: User) -> BulkJob:
    """A job, started, over exactly the contacts this one changed; asked twice it is the same one. Raises NotUndoable.

    Where somebody has changed the value since, it stays, even if it is the same again. One that was cancelled goes on
    where it stopped.
    """
    job = BulkJob.objects.select_for_update().get(pk=job_id)
    before = BulkJob.objects.select_for_update().filter(undo_of=job).first()
    if before is not None:
        return _resumed(before) if before.state == BulkState.CANCELLED and can_undo(job) else before
    action = bulk_action(job.action)
    if action is None or not can_undo(job):
        raise NotUndoable
    undo = BulkJob.objects.create(actor=actor, action=action.reverse, choices=job.choices, undo_of=job)
    undo.counted = _snapshot_changed(undo, job)
    undo.state, undo.started_at, undo.touched_at = BulkState.RUNNING, timezone.now(), timezone.now()
    undo.save(update_fields=["counted", "state", "started_at", "touched_at"])
    return undo


def _resumed(undo: BulkJob) -> BulkJob:
    undo.state, undo.finished_at, undo.touched_at = BulkState.RUNNING, None, timezone.now()
    undo.save(update_fields=["state", "finished_at", "touched_at"])
    return undo


def _snapshot_changed(undo: BulkJob, job: BulkJob) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_bulkitem (job_id, contact_id)
            SELECT %s, contact_id FROM contacts_bulkitem WHERE job_id = %s AND touched <> '{}' ORDER BY contact_id
            """,
            [undo.pk, job.pk],
        )
        return int(cursor.rowcount)


def can_undo(job: BulkJob) -> bool:
    """Whether there is a way back: for labels and VIP, within a day, where anything was changed."""
    action = bulk_action(job.action)
    if action is None or not action.reverse or job.undo_of_id or not job.changed or job.finished_at is None:
        return False
    return timezone.now() - job.finished_at < dt.timedelta(hours=UNDO_HOURS)


def bulk_recent(actor: User) -> list[BulkJob]:
    """What a person has changed as long as it can be undone, the latest first; one query."""
    since = timezone.now() - dt.timedelta(hours=UNDO_HOURS)
    begun = BulkJob.objects.filter(actor=actor, created_at__gte=since).exclude(state=BulkState.DRAFT)
    return list(begun.select_related("undo", "undo_of").order_by("-pk")[:MOST_RECENT])


def bulk_forgotten() -> list[int]:
    """Running jobs that gave no sign of life for a while: their task was lost, or its worker was killed."""
    since = timezone.now() - dt.timedelta(seconds=FORGOTTEN_SECONDS)
    return list(BulkJob.objects.filter(state=BulkState.RUNNING, touched_at__lt=since).values_list("pk", flat=True))


def bulk_purge() -> None:
    """Drafts that nobody confirmed, and the contacts of jobs that can no longer be undone; the jobs themselves stay."""
    now = timezone.now()
    old = BulkJob.objects.filter(state=BulkState.DRAFT, created_at__lt=now - dt.timedelta(hours=DRAFT_HOURS))
    for pk in old.values_list("pk", flat=True):
        _drop_draft(pk)
    # An undo that runs reads what its job touched.
    kept = BulkJob.objects.filter(state=BulkState.RUNNING).values("undo_of_id").exclude(undo_of_id=None)
    past = BulkJob.objects.filter(finished_at__lt=now - dt.timedelta(hours=UNDO_HOURS)).exclude(pk__in=kept)
    BulkItem.objects.filter(job__in=past).delete()


@transaction.atomic
def _drop_draft(pk: int) -> None:
    draft = BulkJob.objects.select_for_update().filter(pk=pk, state=BulkState.DRAFT).first()
    if draft is not None:  # else confirmed at this very moment
        draft.delete()
