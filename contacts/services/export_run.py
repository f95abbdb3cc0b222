"""A job writes its file: claimed by one worker, stopped by a cancel, begun anew when its worker dies."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from xlsxwriter.exceptions import XlsxWriterException

from contacts.exports import files
from contacts.exports.choice import ExportChoice
from contacts.exports.csv_file import write_csv
from contacts.exports.progress import Grown, Stopped
from contacts.exports.watch import Watch
from contacts.exports.xlsx_file import write_xlsx
from contacts.models import ExportFormat, ExportJob, ExportState, ExportWay
from contacts.report import columns_known
from saifa_crm.access import MARKETER, OWNER, has_role
from saifa_crm.lib.errors import trace

from .export import approval_limit

logger = logging.getLogger(__name__)
KEPT = timedelta(hours=24)
DEAD_AFTER = timedelta(seconds=60)  # without a sign of life, of which there is one a second
FORGOTTEN_AFTER = timedelta(seconds=30)  # a queued job that nobody took
UNDECIDED = timedelta(days=7)
MOST_ATTEMPTS = 3
HALF_WRITTEN = 3600.0  # seconds after which nobody writes on
GROWTH = 1.1  # an approved export may have grown by a tenth since it was counted
WRITERS: dict[str, Callable[..., None]] = {ExportFormat.CSV: write_csv, ExportFormat.XLSX: write_xlsx}


def export_run(*, export_id: int) -> None:
    """Write a queued export's file; nothing where somebody else does, or it is over."""
    export = _claim(export_id)
    if export is None:
        return
    try:
        _write(export)
    except Stopped:
        pass
    except Grown:
        _fail(export, "grown")
    except (OSError, XlsxWriterException) as error:
        logger.error("export %s not written: %s", export_id, trace(error))
        _fail(export, "disk")
    except Exception as error:  # not foreseen: the person is told instead of waiting for an attempt that fails alike
        logger.error("export %s failed: %s", export_id, trace(error))
        _fail(export, "error")


def _dead() -> Q:
    return Q(way=ExportWay.JOB, state=ExportState.RUNNING, touched_at__lt=timezone.now() - DEAD_AFTER)


def _claim(export_id: int) -> ExportJob | None:
    now = timezone.now()
    taken = ExportJob.objects.filter(Q(state=ExportState.QUEUED) | _dead(), pk=export_id).update(
        state=ExportState.RUNNING, attempt=F("attempt") + 1, started_at=now, touched_at=now, rows=0
    )
    return ExportJob.objects.select_related("actor").get(pk=export_id) if taken else None


def _write(export: ExportJob) -> None:
    if export.attempt > MOST_ATTEMPTS:
        return _fail(export, "interrupted")
    actor = export.actor
    # Rights may have gone while it waited.
    if actor is None or not actor.is_active or not has_role(actor, MARKETER, OWNER):
        return _fail(export, "not_allowed")
    choice = ExportChoice.of_job(export)
    if choice.errors:
        return _fail(export, "filter")
    watch = Watch(export.pk, export.attempt, expected=export.counted or 0, most=_most(export))
    with files.incoming(export.pk) as folder, watch:
        path = folder / f"report.{export.format}"
        WRITERS[export.format](path, choice.queryset, columns_known(export.columns), watch)
        digest, size = _digest(path)
        watch.check()
        stored_as = files.keep(path, export_id=export.pk)
    if not _finish(export, watch, stored_as=stored_as, sha256=digest, size=size):
        files.remove(stored_as)


def _most(export: ExportJob) -> int | None:
    """Rows it may have, None for any: what nobody approved stays under the limit when the list grows meanwhile."""
    limit = approval_limit(export.actor)
    if limit is None:
        return None
    return max(limit, int((export.counted or 0) * GROWTH)) if export.decided_by_id else limit


def _mine(export: ExportJob) -> Any:
    return ExportJob.objects.filter(pk=export.pk, attempt=export.attempt, state=ExportState.RUNNING)


def _fail(export: ExportJob, problem: str) -> None:
    _mine(export).update(state=ExportState.FAILED, problem=problem, finished_at=timezone.now())


def _finish(export: ExportJob, watch: Watch, **made: object) -> bool:
    now = timezone.now()
    problem = "shortened" if watch.shortened else ""
    return bool(
        _mine(export).update(
            state=ExportState.DONE, rows=watch.rows, problem=problem, finished_at=now, expires_at=now + KEPT, **made
        )
    )


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def exports_forgotten() -> list[int]:
    """Jobs that were lost on the way to a worker or with one."""
    lost = Q(state=ExportState.QUEUED, created_at__lt=timezone.now() - FORGOTTEN_AFTER)
    return list(ExportJob.objects.filter(lost | _dead()).order_by("pk").values_list("pk", flat=True))


def exports_expire() -> None:
    """Files past their day go, and files that no job knows; requests past their week end; the history stays."""
    now = timezone.now()
    undecided = ExportJob.objects.filter(state=ExportState.WAITING, created_at__lt=now - UNDECIDED)
    undecided.update(state=ExportState.EXPIRED, problem="not_decided", finished_at=now)
    ExportJob.objects.filter(way=ExportWay.JOB, state=ExportState.DONE, expires_at__lt=now).update(
        state=ExportState.EXPIRED, stored_as=""
    )
    # A stream whose server died could not say so.
    ExportJob.objects.filter(way=ExportWay.STREAM, state=ExportState.RUNNING, created_at__lt=now - KEPT).update(
        state=ExportState.FAILED, problem="broken_off", finished_at=now
    )
    stored = files.stored()  # before the rows are read: a file that is kept meanwhile is not among them
    live = Q(state=ExportState.RUNNING) | ~Q(stored_as="")
    known = set(ExportJob.objects.filter(live, pk__in=set(stored.values())).values_list("pk", flat=True))
    for name, export_id in stored.items():
        if export_id not in known:
            files.remove(name)
    files.incoming_clear(seconds=HALF_WRITTEN)
