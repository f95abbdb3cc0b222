"""A spool of the test's own, and a channel to post to while the database is away."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from channels_ingest.drain import Drainer
from channels_ingest.secret_store import store
from contacts.models import Channel

from .posts import LINE_BOT, connect


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Not there yet, as at the first outage of an installation."""
    settings.SPOOL_DIR = tmp_path / "data" / "spool"
    return tmp_path / "data" / "spool"


@pytest.fixture
def channel() -> Channel:
    """A LINE channel whose secret this process holds."""
    connected = connect("line", LINE_BOT)
    store.current()
    return connected


@pytest.fixture
def drainer() -> Drainer:
    return Drainer(threading.Event())
