"""Putting tasks into Celery's queues."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task

logger = logging.getLogger(__name__)


def enqueue(task: Task[..., Any], *args: object) -> None:
    """Queue a task for work that already stands in rows; never raises.

    With Redis away, full or just restarted the work waits for the sweep that reads those rows (DESIGN rule 9).
    """
    try:
        task.delay(*args)
    # kombu turns most of what redis-py and sockets raise into its OperationalError, but not what is raised while a
    # connection is taken from its pool, and its classes change with its version. The row is committed: whoever wrote
    # it has done their part, and must not answer a platform or a person with an error because of the queue.
    except Exception as error:
        logger.warning("not queued, left to the sweep: %s (%s)", task.name, type(error).__name__)
