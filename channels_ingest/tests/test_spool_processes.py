"""The spool between processes: many that append, one that drains."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import connection

from channels_ingest import drain
from channels_ingest.spool import spool_read, waiting
from contacts.models import Channel
from inbox.models import Message

from .outage import database_away, wait_for
from .posts import line_body, line_event, post_line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]

APPEND = """
import datetime as dt, sys, threading
import django; django.setup()
from channels_ingest.spool import Kept, spool_append
def some(thread):
    for number in range(20):
        spool_append(Kept("line", f"{sys.argv[1]} {thread} {number}".encode(), dt.datetime.now(dt.UTC)))
threads = [threading.Thread(target=some, args=(n,)) for n in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
"""


def environment(folder: Path) -> dict[str, str]:
    """For a process of its own on the test's database, keys and spool."""
    place = connection.settings_dict
    url = f"postgres://{place['USER']}:{place['PASSWORD']}@/{place['HOST']}/{place['NAME']}"
    keys = ",".join(project.FIELD_ENCRYPTION_KEYS)
    return {
        **os.environ, "DATABASE_URL": url, "SPOOL_DIR": str(folder), "FIELD_ENCRYPTION_KEYS": keys,
        "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "saifa_crm.settings",
    }  # fmt: skip


def test_processes_and_threads_append_beside_each_other(folder: Path) -> None:
    command = [sys.executable, "-c", APPEND]
    writers = [
        subprocess.Popen([*command, name], cwd=project.BASE_DIR, env=environment(folder)) for name in ("one", "two")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    expected = {f"{w} {t} {n}".encode() for w in ("one", "two") for t in range(4) for n in range(20)}
    assert {spool_read(name).body for name in waiting()} == expected
    assert len(waiting()) == len(expected)


@pytest.fixture
def process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`manage.py drain_spool` while the database is away to us, not to it."""
    command = [sys.executable, "manage.py", "drain_spool"]
    running = subprocess.Popen(
        command, cwd=project.BASE_DIR, env=environment(folder), stderr=subprocess.PIPE, text=True
    )
    yield running
    running.kill()
    running.wait()


def test_the_command_drains_alone_and_stops_when_told(
    channel: Channel, folder: Path, process: subprocess.Popen[str]
) -> None:
    with database_away():
        assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 200
    wait_for(lambda: not waiting(), 20)
    assert Message.objects.count() == 1
    with drain.only_drainer() as alone:
        assert not alone
    process.terminate()
    assert process.communicate(timeout=10)[1] == ""
    assert process.returncode == 0
