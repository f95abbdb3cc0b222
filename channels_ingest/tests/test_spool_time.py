"""LINE waits 2 s in all, whatever the database does: locked, silent, or behind a wall."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from django.db import connection

from channels_ingest.drain import Drainer
from channels_ingest.spool import waiting
from contacts.models import Channel
from inbox.models import Message
from saifa_crm.lib.circuit import circuit

from .outage import reached_at, wait_for, wire
from .posts import line_body, line_event, post_line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


def test_a_lock_that_somebody_holds(channel: Channel, drainer: Drainer, settings: Any) -> None:
    settings.WEBHOOK_DATABASE_SECONDS = {"line": 0.2, "others": 9.0}
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE contacts_contact IN ACCESS EXCLUSIVE MODE")
            locked.set()
            done.wait(20)
            cursor.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(20)
    began = time.monotonic()
    assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 200
    assert time.monotonic() - began < 1.5
    assert len(waiting()) == 1
    with connection.cursor() as cursor:  # the statement was ended, not left waiting without us
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        assert cursor.fetchone() == (0,)
    done.set()
    holder.join()
    assert drainer.drain() == 1
    assert Message.objects.count() == 1


def test_a_server_that_falls_silent(channel: Channel, drainer: Drainer, settings: Any) -> None:
    settings.WEBHOOK_DATABASE_SECONDS = {"others": 0.5}
    with wire() as between:
        assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 200
        assert Message.objects.count() == 1
        between.freeze()
        for number in (2, 3):
            began = time.monotonic()
            assert post_line(channel, line_body(line_event("Ua", f"{number}"))).status_code == 200
            assert time.monotonic() - began < 1.8
        assert circuit.is_open
        assert len(waiting()) == 2
        between.thaw()
        wait_for(lambda: not circuit.is_open)
    assert drainer.drain() == 2
    assert Message.objects.count() == 3


def test_only_the_first_post_waits_for_a_connection(channel: Channel) -> None:
    """A firewall that swallows packets: connecting takes its 2 s, once, and then nobody waits."""
    swallows = socket.create_server(("127.0.0.1", 0))
    with swallows, reached_at(HOST="127.0.0.1", PORT=swallows.getsockname()[1]):
        post_line(channel, line_body(line_event("Ua", "0")))
        began = time.monotonic()
        for number in range(1, 10):
            assert post_line(channel, line_body(line_event("Ua", f"{number}"))).status_code == 200
        assert time.monotonic() - began < 1
    wait_for(lambda: not circuit.is_open)
    assert len(waiting()) == 10
