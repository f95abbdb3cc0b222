"""Celery tasks of exports: each takes ids, calls one service, and can be lost: the sweep finds the work again."""

from __future__ import annotations

from celery import shared_task

from saifa_crm.lib.queues import enqueue

from .models import ExportJob
from .services.export_run import export_run, exports_expire, exports_forgotten

AT_ONCE = 2_000  # contacts: a file that is made while the person waits, in about a tenth of a second


@shared_task(name="contacts.tasks.export_write")
def export_write(export_id: int) -> None:
    """Write one export's file."""
    export_run(export_id=export_id)


def export_begin(export: ExportJob) -> None:
    """Have a queued export made: a small one here and now, a large one in the background."""
    if (export.counted or 0) <= AT_ONCE:
        export_run(export_id=export.pk)
    else:
        enqueue(export_write, export.pk)


@shared_task(name="contacts.tasks.sweep_exports")
def sweep_exports() -> None:
    """Exports whose worker was lost begin again; files past their day go."""
    for export_id in exports_forgotten():
        enqueue(export_write, export_id)
    exports_expire()
