"""Cursors of keyset paging: a place in a list ordered by (time, id), as text that is safe in a URL."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import Q

from saifa_crm.lib.dates import BANGKOK

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TEXT = re.compile(r"(-?[0-9]{1,18})_([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """One row's place; `str()` gives microseconds since 1970 and the id, which loses nothing of the time."""

    at: dt.datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // dt.timedelta(microseconds=1)}_{self.pk}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """A cursor from a URL; None for anything else, so that a bad link shows the newest page."""
        found = _TEXT.fullmatch(text)
        if not found:
            return None
        try:
            at = _EPOCH + dt.timedelta(microseconds=int(found[1]))
            at.astimezone(BANGKOK)  # a page shows the day there; the calendar's last hours have none
            return cls(at, int(found[2]))
        except OverflowError:
            return None

    def before(self, field: str) -> Q:
        """Rows strictly older: the first condition bounds the index scan, the second settles equal times."""
        return Q(**{f"{field}__lte": self.at}) & (Q(**{f"{field}__lt": self.at}) | Q(pk__lt=self.pk))

    def onwards(self, field: str) -> Q:
        """This row and all newer ones."""
        return Q(**{f"{field}__gte": self.at}) & (Q(**{f"{field}__gt": self.at}) | Q(pk__gte=self.pk))
