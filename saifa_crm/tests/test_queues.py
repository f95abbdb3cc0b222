"""Queueing a task: it arrives, and a broker that is away is somebody else's trouble."""

from __future__ import annotations

import logging

import pytest
from celery import Celery

from saifa_crm.lib.queues import enqueue


def work(*args: object) -> None:
    """What a task would do."""


def app_of(broker: str) -> Celery:
    app = Celery(broker=broker, set_as_current=False)
    app.conf.update(task_publish_retry=False, task_ignore_result=True, task_default_queue="test")
    return app


def test_what_is_queued_arrives() -> None:
    app = app_of("memory://")
    task = app.task(name="write")(work)
    enqueue(task, 7, "x")
    with app.connection_for_read() as connection:
        message = connection.SimpleQueue("test").get(block=False)
    assert message.headers["task"] == "write"
    assert message.payload[0] == [7, "x"]


def test_a_broker_that_is_away_is_told_and_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    task = app_of("redis://127.0.0.1:1/0").task(name="write")(work)
    with caplog.at_level(logging.WARNING):
        enqueue(task, 7)
    assert caplog.messages == ["not queued, left to the sweep: write (OperationalError)"]
