"""A thread in every web process that says it is alive, and hands on which posts it had to refuse."""

from __future__ import annotations

import datetime as dt
import logging
import threading

from django.db import Error, connection
from django.utils import timezone

from .gaps import posts_refused, web_alive

logger = logging.getLogger(__name__)
INTERVAL = 20.0  # seconds


class Heartbeat:
    """One a process; `start` is called once the process can take posts."""

    def __init__(self) -> None:
        self._since = timezone.now()
        self._refused: tuple[dt.datetime, dt.datetime] | None = None
        self._lock = threading.Lock()
        self._pause = threading.Event()  # never set: a wait that a test may cut short

    def start(self) -> None:
        """Beat in the background; the thread dies with the process."""
        self._since = timezone.now()
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def refused(self) -> None:
        """A post was just answered 503; kept here, because the database is what is away."""
        now = timezone.now()
        with self._lock:
            first = self._refused[0] if self._refused else now
            self._refused = (first, now)

    def beat(self) -> None:
        """Write once; with the database away, what was refused is kept for the next time."""
        with self._lock:
            refused, self._refused = self._refused, None
        try:
            web_alive(since=self._since, now=timezone.now())
            if refused is not None:
                posts_refused(first=refused[0], last=refused[1])
        except Error:
            if refused is not None:
                with self._lock:
                    self._refused = (refused[0], self._refused[1] if self._refused else refused[1])

    def _run(self) -> None:
        while True:
            try:
                self.beat()
            except Exception:  # a beat that fails must not be the last
                logger.exception("heartbeat failed")
            finally:
                connection.close()  # not held for a beat three times a minute
            self._pause.wait(INTERVAL)


heartbeat = Heartbeat()
