"""The spool: what arrives while the database is away is durable before the 200, and applied once when it is back."""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db.utils import InternalError

from channels_ingest import drain, intake, spool, webhooks
from channels_ingest.drain import Drainer
from channels_ingest.heartbeat import Heartbeat
from channels_ingest.models import StrayEvent
from channels_ingest.secret_store import SecretStore, store
from channels_ingest.spool import Kept, spool_append, spool_read, waiting
from contacts.models import Channel, Contact
from inbox.models import Message

from .outage import database_away, wait_for
from .posts import LINE_BOT, PAGE, connect, line_body, line_event, page_body, page_item, post_line, post_meta

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
NOW = dt.datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=dt.UTC)


def kept(body: bytes = b"{}", **more: Any) -> Kept:
    return Kept(**{"platform": "line", "body": body, "received_at": NOW, **more})


def test_a_body_comes_back_as_it_was(folder: Path) -> None:
    body = b'{"text": "\xe0\xb8\x81\\ud800"}\n{"second": "line"}\n'
    spool_append(kept(body, channel_id=7))
    assert [spool_read(name) for name in waiting()] == [kept(body, channel_id=7)]
    (file,) = folder.glob("*.body")
    assert b"text" not in file.read_bytes()
    assert (oct(folder.stat().st_mode)[-3:], oct(file.stat().st_mode)[-3:]) == ("700", "600")


def test_posts_while_the_database_is_away_are_applied_when_it_is_back(channel: Channel, drainer: Drainer) -> None:
    connect("facebook", PAGE)
    store.forget()
    store.current()
    with database_away():
        began = time.monotonic()
        for number in range(20):
            assert post_line(channel, line_body(line_event("Ua", f"{number}"))).status_code == 200
        assert post_meta("instagram", page_body(page_item("9", "m1"))).status_code == 200
        assert time.monotonic() - began < 2
        assert drainer.drain() == 0
        assert len(waiting()) == 21
    # New posts do not wait for the old ones.
    assert post_line(channel, line_body(line_event("Ua", "20"))).status_code == 200
    assert Message.objects.count() == 1
    assert drainer.drain() == 21
    assert (Message.objects.count(), Contact.objects.count(), waiting()) == (22, 2, [])
    assert not StrayEvent.objects.exists()


def test_the_time_of_receipt_is_kept(channel: Channel, drainer: Drainer) -> None:
    """Rule 3: a time far ahead gives way to the time of receipt, not of the draining."""
    with database_away():
        before = dt.datetime.now(dt.UTC)
        post_line(channel, line_body(line_event("Ua", "1", at=4_000_000_000_000)))
        after = dt.datetime.now(dt.UTC)
    drainer.drain()
    message = Message.objects.get()
    assert before <= message.sent_at == message.received_at <= after


def test_oldest_first(channel: Channel, drainer: Drainer, monkeypatch: pytest.MonkeyPatch) -> None:
    order = []
    monkeypatch.setattr(drain, "delivery_take", lambda **given: order.append(given["received_at"]))
    for minutes in (3, 1, 2):
        spool_append(kept(received_at=NOW + dt.timedelta(minutes=minutes)))
    drainer.drain()
    assert order == sorted(order)
    assert len(order) == 3


def test_a_drainer_killed_between_applying_and_removing_changes_nothing(
    channel: Channel, drainer: Drainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database_away():
        post_line(channel, line_body(line_event("Ua", "1"), {**line_event("Ua", "2"), "type": "telepathy"}))
    with monkeypatch.context() as patch:
        patch.setattr(spool, "spool_remove", lambda name: None)
        drainer.drain()
    assert len(waiting()) == 1
    assert Drainer(threading.Event()).drain() == 1
    assert (waiting(), Message.objects.count(), StrayEvent.objects.count()) == ([], 1, 1)


@pytest.fixture
def beat(monkeypatch: pytest.MonkeyPatch) -> Heartbeat:
    """What this process will tell of posts it had to refuse: a possible gap."""
    beat = Heartbeat()
    monkeypatch.setattr(webhooks, "heartbeat", beat)
    return beat


def test_what_is_spooled_is_no_gap(channel: Channel, beat: Heartbeat) -> None:
    with database_away():
        assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 200
    assert not beat._refused


class TestNotDurable:
    """503, never 404 or 403: the platform sends it again."""

    def test_full(self, channel: Channel, settings: Any) -> None:
        with database_away():
            assert post_line(channel, line_body(line_event("Ua", "0"))).status_code == 200
            settings.SPOOL_MAX_BYTES = int(2.5 * sum(spool.size_of(path) for path in spool.files()))
            answers = [post_line(channel, line_body(line_event("Ua", f"{n}"))).status_code for n in range(1, 5)]
        assert answers == [200, 503, 503, 503]
        assert len(waiting()) == 2

    def test_unwritable(self, channel: Channel, settings: Any, tmp_path: Path, beat: Heartbeat) -> None:
        (tmp_path / "file").touch()
        settings.SPOOL_DIR = tmp_path / "file" / "spool"
        with database_away():
            assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 503
        assert beat._refused

    def test_a_disk_that_does_not_take_it(
        self, channel: Channel, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(spool, "_sync", broken)
        with database_away():
            assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 503
        assert list(folder.iterdir()) == []

    def test_secrets_not_at_hand(self, monkeypatch: pytest.MonkeyPatch, beat: Heartbeat) -> None:
        """A web process that started while the database is away."""
        channel = connect("line", LINE_BOT)
        connect("facebook", PAGE)
        monkeypatch.setattr(webhooks, "store", SecretStore())
        with database_away():
            assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 503
            assert post_meta("facebook", page_body(page_item("9", "m"))).status_code == 503
        assert waiting() == []
        assert beat._refused

    def test_an_unknown_key_may_be_a_new_one(self, channel: Channel, beat: Heartbeat) -> None:
        with database_away():
            assert post_line(channel, b"{}", secret="another").status_code == 503
            channel.connection.webhook_key = "unknown"
            assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 503
        assert waiting() == []
        assert not beat._refused  # nor may it be anybody's

    def test_a_fault_that_is_not_the_databases(self, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_given: Any) -> None:
            raise InternalError("not away")

        monkeypatch.setattr(intake, "delivery_take", fail)
        assert post_line(channel, line_body(line_event("Ua", "1"))).status_code == 503
        assert waiting() == []


def test_a_body_that_fails_by_itself_holds_up_nobody(
    channel: Channel, drainer: Drainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = drain.delivery_take
    failing = [True]

    def some(**given: Any) -> None:
        if given["decoded"]["events"][0]["message"]["id"] == "0" and failing:
            raise ValueError("ความลับ")
        take(**given)

    monkeypatch.setattr(drain, "delivery_take", some)
    with database_away():
        for number in range(3):
            post_line(channel, line_body(line_event("Ua", f"{number}")))
    assert drainer.drain() == 2
    assert drainer.drain() == 0  # not due yet
    failing.clear()
    wait_for(drainer.drain)
    assert (Message.objects.count(), waiting()) == (3, [])


def test_a_drainer_told_to_stop_leaves_the_rest_of_a_body_for_the_next(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "SLICE", 2)
    with database_away():
        post_line(channel, line_body(*[line_event("Ua", f"{number}") for number in range(6)]))
    stop = threading.Event()
    take = drain.delivery_take

    def one_then_stop(**given: Any) -> None:
        take(**given)
        stop.set()

    with monkeypatch.context() as patch:
        patch.setattr(drain, "delivery_take", one_then_stop)
        assert Drainer(stop).drain() == 0
    assert (Message.objects.count(), len(waiting())) == (2, 1)
    assert Drainer(threading.Event()).drain() == 1
    assert (Message.objects.count(), waiting()) == (6, [])


def test_what_no_key_decrypts_is_set_aside_until_the_key_is_back(
    channel: Channel, drainer: Drainer, settings: Any, folder: Path
) -> None:
    lost = settings.FIELD_ENCRYPTION_KEYS
    with database_away():
        post_line(channel, line_body(line_event("Ua", "1")))
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    spool_append(kept(b'{"events": []}'))
    assert drainer.drain() == 1
    assert waiting() == []
    assert len(list((folder / "aside").iterdir())) == 1
    assert spool.take_back() == 0
    settings.FIELD_ENCRYPTION_KEYS = lost
    assert spool.take_back() == 1
    assert drainer.drain() == 1
    assert Message.objects.count() == 1


def test_half_written_files_are_no_bodies(folder: Path) -> None:
    spool_append(kept())
    old, new = folder / "1-a.half", folder / "2-b.half"
    for half in (old, new):
        half.write_bytes(b"gAAAA")
    os.utime(old, (1, 1))
    spool.halves_purge()
    assert (old.exists(), new.exists(), len(waiting())) == (False, True, 1)


def test_a_drainer_without_a_database_is_quiet(
    channel: Channel, drainer: Drainer, caplog: pytest.LogCaptureFixture
) -> None:
    with database_away():
        post_line(channel, line_body(line_event("Ua", "1")))
        caplog.clear()
        with caplog.at_level(logging.INFO):
            for _ in range(20):
                assert drainer.drain() == 0
        assert [record.name for record in caplog.records] == ["channels_ingest.drain"]
    assert drainer.drain() == 1
