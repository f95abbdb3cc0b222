"""Exports as people see them: their own, an Owner everybody's."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import QuerySet
from redis import RedisError

from contacts.exports.choice import USUAL
from contacts.models import ExportJob, ExportState
from contacts.report import columns_known
from saifa_crm.access import OWNER, has_role

WAITING = "exports:waiting"
KEPT = 60  # seconds


def exports_of(user: User) -> QuerySet[ExportJob]:
    """What this person may see, the newest first."""
    found = ExportJob.objects.select_related("actor", "decided_by")
    return found if has_role(user, OWNER) else found.filter(actor=user)


def columns_before(user: User) -> list[str]:
    """The columns this person chose last time."""
    chosen = ExportJob.objects.filter(actor=user, with_email=False).exclude(columns=[])
    return columns_known(chosen.values_list("columns", flat=True).first() or USUAL)


def exports_waiting() -> int:
    """Requests that an Owner has to decide; one look into Redis, a query a minute."""
    try:
        found: int | None = cache.get(WAITING)
        if found is None:
            found = _waiting()
            cache.set(WAITING, found, KEPT)
    except RedisError:
        return _waiting()
    return found


def _waiting() -> int:
    return ExportJob.objects.filter(state=ExportState.WAITING).count()


def exports_waiting_forget() -> None:
    """A request came or went: the next page looks again."""
    try:
        cache.delete(WAITING)
    except RedisError:
        pass  # a minute later it is right
