"""An end to waiting for the database: after so many seconds a statement is cancelled, a silent server cut off.

Not `statement_timeout`: it would cost every transaction a statement (PgBouncer keeps no session state), and a server
that hangs does not keep it. Here the quick case costs a dictionary entry, and nothing is asked of the server.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.connection import ConnectionProxy

CANCEL_SECONDS = 0.3  # for the server to take a cancel request
GRACE_SECONDS = 0.1  # for the cancelled statement to come back


class Watch:
    """One stretch of work on a connection. `fired`: it took longer than it may."""

    def __init__(self, connection: BaseDatabaseWrapper, deadline: float) -> None:
        self.connection = connection
        self.deadline = deadline
        self.left = threading.Event()
        self.ender: threading.Thread | None = None
        self.cut: Any = None  # the driver's connection whose socket was shut

    @property
    def fired(self) -> bool:
        return self.ender is not None

    def fire(self) -> None:
        self.ender = threading.Thread(target=self._end, name="time-limit-end", daemon=True)
        self.ender.start()

    def _end(self) -> None:
        """Until the work is left: cancel what runs, then shut the socket; the same with one opened since."""
        while not self.left.is_set():
            raw = self.connection.connection  # None while it opens
            if raw is not None and raw is not self.cut:
                _cancel(raw)
                if not self.left.wait(GRACE_SECONDS):
                    # Known to be closed: leaving atomic() would connect anew to set autocommit, and wait for that.
                    self.connection.closed_in_transaction = True
                    self.cut = raw
                    _shut(raw)
            self.left.wait(GRACE_SECONDS)

    def settle(self) -> None:
        """Once the work is left: no late cancel may meet somebody else's statement on this connection."""
        if self.ender is None:
            return
        self.ender.join()
        if self.cut is not None:
            self.connection.closed_in_transaction = False
            self.cut.close()
        self.connection.close()


def _cancel(raw: Any) -> None:
    try:
        raw.cancel_safe(timeout=CANCEL_SECONDS)
    except Exception:  # psycopg.Error as a rule; whatever it is, the thread must go on to cut the server off
        return


def _shut(raw: Any) -> None:
    """End the connection's socket under whoever waits for it; a duplicate, so that no number is used twice."""
    try:
        duplicate = os.dup(raw.fileno())
    except (psycopg.Error, OSError):
        return  # closed meanwhile
    with socket.socket(fileno=duplicate) as own:
        try:
            own.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class TimeLimit:
    """Watches the stretches of work of all threads of a process with one thread, started at first use."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watches: set[Watch] = set()
        self._thread: threading.Thread | None = None
        self._wakes_at = float("inf")

    @contextmanager
    def __call__(self, connection: BaseDatabaseWrapper | ConnectionProxy[Any], seconds: float) -> Iterator[Watch]:
        """Work that takes longer meets OperationalError at its next or present statement; then the connection closes.

        It must be the outermost use of the connection: no transaction may be open.
        """
        if isinstance(connection, ConnectionProxy):  # to another thread it would stand for that one's connection
            connection = connections[connection.alias]
        watch = Watch(connection, time.monotonic() + seconds)
        self._add(watch)
        try:
            yield watch
        finally:
            with self._changed:
                self._watches.discard(watch)
            watch.left.set()
            watch.settle()

    def _add(self, watch: Watch) -> None:
        with self._changed:
            self._watches.add(watch)
            if self._thread is None or not self._thread.is_alive():  # not alive: this process was forked
                self._wakes_at = watch.deadline
                self._thread = threading.Thread(target=self._run, name="time-limit", daemon=True)
                self._thread.start()
            elif watch.deadline < self._wakes_at:
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                due = [watch for watch in self._watches if watch.deadline <= now]
                for watch in due:
                    self._watches.discard(watch)
                    watch.fire()
                self._wakes_at = min((watch.deadline for watch in self._watches), default=float("inf"))
                self._changed.wait(None if self._wakes_at == float("inf") else self._wakes_at - now)


time_limit = TimeLimit()
