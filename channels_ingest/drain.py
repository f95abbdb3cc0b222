"""Drains the spool: applies its bodies in the order of receipt, whenever the database answers."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connection

from saifa_crm.lib.circuit import database_answers, is_away
from saifa_crm.lib.errors import trace

from . import spool
from .bodies import SLICE, read_json, slices
from .delivery import delivery_take

logger = logging.getLogger(__name__)
EVERY = 1.0  # seconds between two looks at the spool
LONGEST_PAUSE = 600.0  # seconds between two tries of a body that fails by itself
LOCK = "drain.lock"
LAST = "last-drain.json"


class Drainer:
    """The one process that drains a SPOOL_DIR; `stop` ends it between two bodies."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._later: dict[str, tuple[float, float]] = {}  # name → not before (monotonic), seconds waited
        self._away = False

    def run(self) -> None:
        """Until told to stop; a second drainer of the same folder waits for the first to end."""
        prepared = False
        while not self._stop.wait(EVERY if prepared else 0):
            try:
                spool.make_folder()
                with only_drainer() as alone:
                    if alone:
                        self._tidy()
                        self._keep_draining()
            except OSError as error:
                if not prepared:
                    logger.error("the spool cannot be drained: %s", error.strerror)
            prepared = True

    def _tidy(self) -> None:
        spool.halves_purge()
        if back := spool.take_back():
            logger.warning("%d spooled bodies that were set aside can be read again", back)

    def _keep_draining(self) -> None:
        while not self._stop.is_set():
            close_old_connections()
            self.drain()
            if not spool.waiting():
                connection.close()  # idle almost always: no connection is kept for that
            self._stop.wait(EVERY)

    def drain(self) -> int:
        """One pass over what waits; how many bodies were applied. Ends early where the database is away."""
        names = spool.waiting()
        self._later = {name: self._later[name] for name in names if name in self._later}
        applied = 0
        for name in names:
            if self._stop.is_set():
                break
            if self._later.get(name, (0.0, 0.0))[0] > time.monotonic():
                continue
            outcome = self._take(name)
            if outcome is None:
                break
            applied += outcome
        if applied:
            _note_drain(applied)
        return applied

    def _take(self, name: str) -> bool | None:
        """Whether the body was applied; None where the pass must end: the database is away, or we are told to stop."""
        try:
            kept = spool.spool_read(name)
            for part in slices(read_json(kept.body), SLICE):
                if self._stop.is_set():
                    return None
                delivery_take(
                    platform=kept.platform, decoded=part, received_at=kept.received_at, channel_id=kept.channel_id
                )
            spool.spool_remove(name)
        except FileNotFoundError:
            return False
        except spool.Unreadable:
            logger.error("a spooled body is set aside: no key of FIELD_ENCRYPTION_KEYS decrypts %s", name)
            spool.set_aside(name)
            return False
        except Exception as error:
            if is_away(error):
                connection.close()
                if not database_answers():
                    self._note_away()
                    return None
            self._put_off(name, error)
            return False
        self._later.pop(name, None)
        self._away = False
        return True

    def _note_away(self) -> None:
        if not self._away:
            logger.warning("the database is away: spooled bodies wait")
        self._away = True

    def _put_off(self, name: str, error: Exception) -> None:
        """A body that fails while the database answers must not hold up the others; it is tried again, ever later."""
        pause = min(max(EVERY, self._later.get(name, (0.0, 0.0))[1] * 2), LONGEST_PAUSE)
        self._later[name] = (time.monotonic() + pause, pause)
        logger.error("spooled body %s is tried again in %d s: %s", name, pause, trace(error))


@contextmanager
def only_drainer() -> Iterator[bool]:
    """Whether no other process drains SPOOL_DIR, held for the block; the kernel lets go when a process dies."""
    descriptor = os.open(spool.folder() / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def _note_drain(applied: int) -> None:
    """For the channels page."""
    half, whole = spool.folder() / f"{LAST}.new", spool.folder() / LAST
    try:
        half.write_text(json.dumps({"at": dt.datetime.now(dt.UTC).isoformat(), "bodies": applied}))
        half.replace(whole)
    except OSError as error:
        logger.warning("the drain was not noted: %s", error.strerror)
