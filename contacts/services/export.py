"""Exports are asked for, approved or declined, cancelled; every copy of the list leaves a row, streams too.

The limits are here and nowhere else, so that they bind the stream and the job alike.
"""

from __future__ import annotations

import datetime as dt
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.exports.choice import ExportChoice
from contacts.models import EXPORT_LIVE, ExportFormat, ExportJob, ExportPolicy, ExportState, ExportWay
from saifa_crm.access import OWNER, has_role
from saifa_crm.lib.dates import today
from saifa_crm.lib.locks import lock_name

HOUR = timedelta(hours=1)


class TooManyExports(Exception):
    """The person's exports of this hour are used up; `wait` seconds until the next may be asked for."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


class ApprovalNeeded(Exception):
    """So many contacts are streamed to Owners only: others ask for a file."""


class NothingToExport(Exception):
    """No contact matches."""


def approval_above() -> int | None:
    """Exports of more contacts than this wait for an Owner; None: none does."""
    return ExportPolicy.objects.values_list("approval_above", flat=True).first()


def approval_limit(actor: User | None) -> int | None:
    """Above so many contacts this person's exports wait for an Owner; None: never. Owners would ask themselves."""
    return None if actor and has_role(actor, OWNER) else approval_above()


def needs_approval(actor: User, counted: int) -> bool:
    """Whether this person's export of so many contacts waits for an Owner."""
    limit = approval_limit(actor)
    return limit is not None and counted > limit


def export_wait(actor: User) -> int:
    """Seconds until this person may export again; 0 now."""
    most = settings.EXPORTS_PER_HOUR
    now = timezone.now()
    times = list(_of(actor, since=now - HOUR).values_list("created_at", flat=True)[:most])
    if len(times) < most:
        return 0
    return max(1, int((times[-1] + HOUR - now).total_seconds()) + 1) if times else int(HOUR.total_seconds())


def _of(actor: User, *, since: dt.datetime) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(actor=actor, created_at__gt=since).order_by("-created_at", "-id")


def export_stream_start(*, actor: User, choice: ExportChoice) -> ExportJob:
    """Note a stream before its first row leaves. Raises ApprovalNeeded, TooManyExports."""
    limit = approval_limit(actor)
    if limit is not None and choice.counted > limit:  # counted only where it matters: most streams need no count
        raise ApprovalNeeded
    return _create(actor, choice, way=ExportWay.STREAM, state=ExportState.RUNNING, started_at=timezone.now())


def export_request(*, actor: User, choice: ExportChoice, format: ExportFormat) -> ExportJob:
    """Ask for a file: queued, or waiting for an Owner. Raises NothingToExport, TooManyExports."""
    if not choice.counted:
        raise NothingToExport
    waits = needs_approval(actor, choice.counted)
    return _create(
        actor,
        choice,
        way=ExportWay.JOB,
        state=ExportState.WAITING if waits else ExportState.QUEUED,
        format=format,
        ids=list(choice.ids or ()),
        counted=choice.counted,
    )


@transaction.atomic
def _create(actor: User, choice: ExportChoice, **fields: object) -> ExportJob:
    lock_name(f"exports of {actor.pk}")  # two at once must not both be the sixtieth
    if wait := export_wait(actor):
        raise TooManyExports(wait)
    export = ExportJob(
        actor=actor,
        query=choice.query,
        with_email=choice.with_email,
        columns=list(choice.columns),
        filters=choice.filters_in_words(),
        **fields,
    )
    export.file_name = f"contacts-{today():%Y-%m-%d}.{export.format}"
    export.save()
    return export


def export_stream_finish(*, export: ExportJob, rows: int, size: int, sha256: str) -> None:
    """All of a stream was sent: how much, and its digest."""
    ExportJob.objects.filter(pk=export.pk).update(
        state=ExportState.DONE, rows=rows, counted=rows, size=size, sha256=sha256, finished_at=timezone.now()
    )


def export_stream_break(*, export: ExportJob) -> None:
    """The reader went away, or the server did."""
    ExportJob.objects.filter(pk=export.pk, state=ExportState.RUNNING).update(
        state=ExportState.FAILED, problem="broken_off", finished_at=timezone.now()
    )


def export_cancel(*, export_id: int) -> bool:
    """Stop a job that has not ended; a running one notices within a second. False where it had ended."""
    return bool(
        ExportJob.objects.filter(pk=export_id, way=ExportWay.JOB, state__in=EXPORT_LIVE).update(
            state=ExportState.CANCELLED, finished_at=timezone.now()
        )
    )


def export_decide(*, export_id: int, owner: User, approved: bool) -> bool:
    """An Owner's answer to a request; an approved one is queued. False where somebody else was quicker."""
    now = timezone.now()
    fields = {"state": ExportState.QUEUED} if approved else {"state": ExportState.DECLINED, "finished_at": now}
    return bool(
        ExportJob.objects.filter(pk=export_id, state=ExportState.WAITING).update(
            decided_by=owner, decided_at=now, touched_at=now, **fields
        )
    )


def export_policy_set(*, approval_above: int | None) -> None:
    """Have exports of more contacts than this wait for an Owner; None: none."""
    ExportPolicy.objects.update_or_create(pk=1, defaults={"approval_above": approval_above})
