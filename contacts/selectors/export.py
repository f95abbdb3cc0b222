"""Exports as people see them: their own, an Owner everybody's."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import QuerySet

from contacts.exports.choice import USUAL
from contacts.models import ExportJob, ExportState
from contacts.report import columns_known
from saifa_crm.access import OWNER, has_role
from saifa_crm.lib.kept import Kept


def exports_of(user: User) -> QuerySet[ExportJob]:
    """What this person may see, the newest first."""
    found = ExportJob.objects.select_related("actor", "decided_by")
    return found if has_role(user, OWNER) else found.filter(actor=user)


def columns_before(user: User) -> list[str]:
    """The columns this person chose last time."""
    chosen = ExportJob.objects.filter(actor=user, with_email=False).exclude(columns=[])
    return columns_known(chosen.values_list("columns", flat=True).first() or USUAL)


def _waiting() -> int:
    """Requests that an Owner has to decide."""
    return ExportJob.objects.filter(state=ExportState.WAITING).count()


exports_waiting: Kept[int] = Kept("kept:exports-waiting", _waiting)
