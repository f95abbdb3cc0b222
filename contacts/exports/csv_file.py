"""The report as a CSV file: the bytes of report.csv."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db.models import QuerySet

from contacts.models import Contact
from contacts.report import report_stream

from .progress import Progress


def write_csv(path: Path, queryset: QuerySet[Contact], keys: Sequence[str], progress: Progress) -> None:
    """Raises what `progress` raises and OSError."""
    with path.open("wb") as file:
        for piece in report_stream(queryset, keys=keys, finished=progress.finish):
            file.write(piece)
            progress.advance(piece.count(b"\r\n"))  # line breaks inside cells make it a guess until the end
