"""Beside a worker that writes: a sign of life and the progress once a second, and the news that it should stop."""

from __future__ import annotations

import logging
import threading
from typing import Self

from django.db import DatabaseError, connection
from django.utils import timezone

from contacts.models import ExportJob, ExportState

from .progress import Progress, Stopped

logger = logging.getLogger(__name__)
BEAT = 1.0  # seconds


class Watch(Progress):
    """A context in which a thread beats on a connection of its own: the writer's is busy with its COPY."""

    def __init__(self, export_id: int, attempt: int, *, expected: int, most: int | None) -> None:
        super().__init__(expected=expected, most=most)
        self._mine = ExportJob.objects.filter(pk=export_id, attempt=attempt, state=ExportState.RUNNING)
        self._over = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beats, name=f"export-{export_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        if self._stopped.is_set():
            raise Stopped

    def _beats(self) -> None:
        try:
            while not self._over.wait(BEAT):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            if not self._mine.update(touched_at=timezone.now(), rows=self.rows):
                self._stopped.set()
        except DatabaseError:
            logger.warning("a sign of life of an export was lost")
            connection.close()
