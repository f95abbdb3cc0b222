"""The record of who took a copy of the list."""

from __future__ import annotations

from django.contrib.auth.models import User

from contacts.models import ReportDownload


def report_download_start(*, actor: User, query: str) -> ReportDownload:
    """Note a download before its first row leaves; `rows` stays null until all were sent."""
    return ReportDownload.objects.create(actor=actor, query=query)


def report_download_finish(download: ReportDownload, rows: int) -> None:
    """Note how many rows were sent."""
    download.rows = rows
    download.save(update_fields=["rows"])
