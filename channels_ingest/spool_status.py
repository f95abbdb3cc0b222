"""What the channels page says of the spool."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass

from django.conf import settings

from . import spool
from .drain import LAST, only_drainer

SLOW = dt.timedelta(seconds=10)  # a body that waits longer than the database needs to come back and be drained


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """The spool of the host that was asked. Times are UTC; sizes in bytes."""

    bodies: int
    size: int
    limit: int
    oldest_at: dt.datetime | None
    set_aside: int
    last_drain_at: dt.datetime | None
    last_drain: int  # bodies applied then
    is_drained: bool  # a drainer runs
    is_writable: bool

    @property
    def is_waiting(self) -> bool:
        """Whether bodies wait longer than they should."""
        return self.oldest_at is not None and dt.datetime.now(dt.UTC) - self.oldest_at > SLOW

    @property
    def is_well(self) -> bool:
        return self.is_writable and self.is_drained and not self.set_aside and not self.is_waiting

    @property
    def percent(self) -> int:
        """How full it is."""
        return min(100, round(100 * self.size / self.limit)) if self.limit else 100


def spool_status() -> SpoolStatus:
    """Reads SPOOL_DIR, no database; never raises."""
    try:
        names = spool.waiting()
        sizes = [spool.size_of(path) for path in spool.files()]
    except OSError:
        names, sizes = [], []
    last_at, last = _last_drain()
    return SpoolStatus(
        bodies=len(names),
        size=sum(sizes),
        limit=settings.SPOOL_MAX_BYTES,
        oldest_at=_received(names[0]) if names else None,
        set_aside=len(sizes) - len(names),
        last_drain_at=last_at,
        last_drain=last,
        is_drained=_is_drained(),
        is_writable=_is_writable(),
    )


def _received(name: str) -> dt.datetime | None:
    """Names begin with microseconds since 1970."""
    try:
        return dt.datetime.fromtimestamp(int(name.partition("-")[0]) / 1_000_000, dt.UTC)
    except (ValueError, OverflowError):
        return None


def _last_drain() -> tuple[dt.datetime | None, int]:
    try:
        note = json.loads((spool.folder() / LAST).read_text())
        return dt.datetime.fromisoformat(note["at"]), int(note["bodies"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, 0


def _is_drained() -> bool:
    try:
        with only_drainer() as free:
            return not free
    except OSError:
        return False


def _is_writable() -> bool:
    """Whether a body could be kept; a folder that is not there yet is made when it is needed."""
    path = spool.folder()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)
