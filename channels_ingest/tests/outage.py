"""A database that goes away and comes back under the feet of this process; a wire to it that can be frozen."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from saifa_crm.lib.circuit import circuit


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    """Until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@contextmanager
def reached_at(**place: Any) -> Iterator[None]:
    """New connections go to another HOST and PORT; the present one is closed, before and after."""
    before = {key: connection.settings_dict[key] for key in place}
    connection.close()
    connection.settings_dict.update(place)
    try:
        yield
    finally:
        connection.settings_dict.update(before)
        connection.close()


@contextmanager
def database_away() -> Iterator[None]:
    """Nothing listens where the database was."""
    with reached_at(HOST="/nowhere"):
        yield
    wait_for(lambda: not circuit.is_open)


class Wire:
    """A socket in front of PostgreSQL's. `freeze` lets nothing through, as when a host vanishes or hangs."""

    def __init__(self) -> None:
        name = f".s.PGSQL.{connection.settings_dict['PORT'] or 5432}"
        self._target = str(Path(str(connection.settings_dict["HOST"])) / name)
        self._folder = tempfile.TemporaryDirectory(prefix="wire-")
        self.host = self._folder.name
        self._open = threading.Event()
        self._open.set()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(os.path.join(self.host, name))
        self._server.listen(50)
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        self._open.clear()

    def thaw(self) -> None:
        self._open.set()

    def close(self) -> None:
        self.thaw()
        for end in (self._server, *self._ends):
            end.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._server.accept()
            except OSError:
                return
            there = socket.socket(socket.AF_UNIX)
            there.connect(self._target)
            self._ends += [here, there]
            for source, sink in ((here, there), (there, here)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._open.wait(60)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@contextmanager
def wire() -> Iterator[Wire]:
    """The database, reached through a wire."""
    between = Wire()
    try:
        with reached_at(HOST=between.host):
            yield between
    finally:
        between.close()
