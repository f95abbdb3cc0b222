"""What the channels page says of the spool."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from channels_ingest import spool
from channels_ingest.drain import Drainer, only_drainer
from channels_ingest.spool import Kept, spool_append
from channels_ingest.spool_status import spool_status

from .posts import LINE_BOT, connect, line_body, line_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.SPOOL_DIR = tmp_path / "spool"
    return tmp_path / "spool"


@pytest.fixture
def drainer(folder: Path) -> Iterator[None]:
    """Somebody who holds the drainer's lock."""
    spool.make_folder()
    with only_drainer() as alone:
        assert alone
        yield


def keep(seconds_ago: float = 0, body: bytes = b'{"events": []}', channel_id: int | None = None) -> None:
    spool_append(Kept("line", body, dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds_ago), channel_id))


def page(client: Client) -> str:
    return client.get("/channels/").content.decode()


def test_before_the_first_outage(owner_client: Client, folder: Path) -> None:
    status = spool_status()
    assert (status.bodies, status.size, status.oldest_at, status.last_drain_at) == (0, 0, None, None)
    assert status.is_writable
    assert not status.is_drained
    assert "Nobody drains the spool" in page(owner_client)


@pytest.mark.usefixtures("drainer")
def test_nothing_is_said_where_all_is_well(owner_client: Client) -> None:
    assert spool_status().is_well
    html = page(owner_client)
    assert 'data-bodies="0"' in html
    assert "Nobody drains" not in html
    assert "on disk" not in html


@pytest.mark.usefixtures("drainer")
def test_what_waits(owner_client: Client, settings: Any) -> None:
    keep(2)
    assert spool_status().is_well  # drained within 10 s
    keep(600)
    status = spool_status()
    assert (status.bodies, status.is_waiting, status.is_well) == (2, True, False)
    assert status.oldest_at
    assert 599 < (dt.datetime.now(dt.UTC) - status.oldest_at).total_seconds() < 660
    settings.SPOOL_MAX_BYTES = status.size * 2
    assert spool_status().percent == 50
    html = page(owner_client)
    assert "2 deliveries are kept on disk" in html
    assert f'data-bytes="{status.size}"' in html


def test_the_last_drain(owner_client: Client) -> None:
    channel = connect("line", LINE_BOT)
    keep(body=json.dumps(line_body(line_event("Ua", "1"))).encode(), channel_id=channel.pk)
    keep()
    assert Drainer(threading.Event()).drain() == 2
    status = spool_status()
    assert (status.bodies, status.last_drain) == (0, 2)
    assert status.last_drain_at
    assert "2 deliveries kept during an outage were taken in" in page(owner_client)


@pytest.mark.usefixtures("drainer")
def test_what_was_set_aside(owner_client: Client) -> None:
    keep()
    spool.set_aside(spool.waiting()[0])
    status = spool_status()
    assert (status.bodies, status.set_aside, status.is_well) == (0, 1, False)
    assert "1 delivery cannot be decrypted" in page(owner_client)


def test_a_folder_that_cannot_be(owner_client: Client, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.SPOOL_DIR = tmp_path / "file" / "spool"
    assert not spool_status().is_writable
    assert "cannot be written" in page(owner_client)
