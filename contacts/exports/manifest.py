"""What an export holds and how it came about, for people (the page) and programs (JSON)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import translation

from contacts.export_words import sort_words
from contacts.models import ExportJob
from contacts.report import KEYS, columns_known
from saifa_crm.lib.dates import BANGKOK
from saifa_crm.lib.people import full_name


def headers(export: ExportJob) -> list[str]:
    """The headings of its columns."""
    return [KEYS[key] for key in columns_known(export.columns)]


def manifest(export: ExportJob) -> dict[str, Any]:
    """English whatever the reader's language, times with Bangkok's offset: other programs read it too."""
    with translation.override("en"):
        sort = str(sort_words(export))
    return {
        "file": export.file_name,
        "format": export.format,
        "rows": export.rows,
        "bytes": export.size,
        "sha256": export.sha256,
        "state": export.state_now,
        "requested_by": full_name(export.actor),
        "requested_at": _time(export.created_at),
        "finished_at": _time(export.finished_at),
        "decided_by": full_name(export.decided_by),
        "decided_at": _time(export.decided_at),
        "filters": [{"name": name, "value": value} for name, value in export.filters],
        "query": export.query,
        "contact_ids": export.ids,
        "only_with_email": export.with_email,
        "sort": sort,
        "columns": headers(export),
    }


def _time(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(BANGKOK).isoformat(timespec="seconds") if moment else None
