"""A report that streams, and what the history keeps of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db.models import QuerySet

from contacts.models import Contact, ExportJob
from contacts.report import report_stream
from contacts.services.export import export_stream_break, export_stream_finish


def export_stream(export: ExportJob, queryset: QuerySet[Contact]) -> Iterator[bytes]:
    """The file in pieces; its rows, size and digest are noted when all were sent."""
    rows: list[int] = []
    digest, size, complete = hashlib.sha256(), 0, False
    pieces = report_stream(queryset, keys=export.columns, finished=rows.append)
    try:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            yield piece
        complete = True
        export_stream_finish(export=export, rows=rows[0], size=size, sha256=digest.hexdigest())
    finally:
        pieces.close()  # type: ignore[attr-defined]  # a generator: frees the connection that its COPY holds
        if not complete:
            export_stream_break(export=export)
