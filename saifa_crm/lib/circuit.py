"""Whether the database is away, known to a process without asking: who finds it away tells the others."""

from __future__ import annotations

import logging
import threading

from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections

from .time_limit import time_limit

logger = logging.getLogger(__name__)
PROBE_PAUSE = 1.0  # seconds
PROBE_SECONDS = 2.0
READ_ONLY = "25006"  # a standby that is not yet, or no longer, the primary
LIMIT_EXCEEDED = "54"  # a statement too large or too complex: an OperationalError that says nothing of the server


def is_away(error: BaseException) -> bool:
    """Whether the error speaks of the database and not of what was asked of it: gone, full, too slow, read-only."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if isinstance(error, OperationalError | InterfaceError):
        return not state.startswith(LIMIT_EXCEEDED)
    return isinstance(error, Error) and state == READ_ONLY


def database_answers() -> bool:
    """Whether a new connection may write; within about 4 s."""
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with time_limit(connection, PROBE_SECONDS), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only') = 'off'")
            return bool(cursor.fetchone()[0])
    except Error:
        return False
    finally:
        connection.close()


class Circuit:
    """Open while the database is away: nobody waits for it but one probe, at once and then every second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._probe: threading.Event | None = None  # set: that probe is no longer wanted

    @property
    def is_open(self) -> bool:
        return self._probe is not None

    def trip(self) -> None:
        """Somebody found the database away."""
        with self._lock:
            if self._probe is not None:
                return
            self._probe = threading.Event()
            threading.Thread(target=self._watch, args=(self._probe,), name="circuit", daemon=True).start()
        logger.warning("the database is away or slow")

    def reset(self) -> None:
        """Believe that the database is there."""
        with self._lock:
            if self._probe is not None:
                self._probe.set()
                self._probe = None

    def _watch(self, unwanted: threading.Event) -> None:
        while not database_answers():
            if unwanted.wait(PROBE_PAUSE):
                return
        with self._lock:
            if self._probe is unwanted:
                self._probe = None
                logger.warning("the database answers")


circuit = Circuit()
