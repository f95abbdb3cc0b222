"""The hourly look at webhooks: silence of a platform is noticed, mended where it can be, and told as a gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from channels_ingest import tasks
from channels_ingest.models import Connection, ConnectionState
from channels_ingest.sandbox.server import Sandbox, running
from channels_ingest.services_check import connection_check
from channels_ingest.services_connect import connection_connect
from channels_ingest.webhook_watch import LOOKED, connections_to_watch, webhook_look
from inbox.models import Gap
from saifa_crm.lib.redis_client import client, key

pytestmark = pytest.mark.django_db
BOT, PAGE = "U" + "7" * 32, "104857600112233"
ACCOUNTS = {"line-token": {"id": BOT, "name": "Saifa Shop"}, "EApage": {"id": PAGE, "name": "LIV"}}
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def sandbox(settings: Any) -> Iterator[Sandbox]:
    client().delete(key(LOOKED))
    with running() as server:
        server.directory.load({"accounts": ACCOUNTS, "people": {}})
        settings.SANDBOX_BASE_URL = server.url
        settings.PUBLIC_BASE_URL = "https://crm.example.com"
        yield server


def connected(platform: str, external_id: str, token: str) -> Connection:
    """A channel that was found in order two hours ago."""
    made = connection_connect(
        platform=platform, external_id=external_id, name="", secret="s", token=token, sandbox=True
    )
    assert connection_check(connection_id=made.pk).missing == []
    Connection.objects.update(checked_at=timezone.now() - 2 * HOUR)
    return Connection.objects.get(pk=made.pk)


def gap() -> Gap:
    return Gap.objects.get()


def about(moment: dt.datetime | None, ago: dt.timedelta) -> bool:
    return moment is not None and abs(timezone.now() - moment - ago) < dt.timedelta(minutes=5)


def test_a_webhook_pointed_elsewhere_is_a_gap_until_it_is_back(sandbox: Sandbox) -> None:
    connection = connected("line", BOT, "line-token")
    webhook_look(connection_id=connection.pk)
    assert not Gap.objects.exists()
    ours = sandbox.directory.webhooks["line-token"]
    client().hset(key(LOOKED), str(connection.pk), (timezone.now() - HOUR).timestamp())
    sandbox.directory.webhooks["line-token"] = "https://other.example.com/hook"
    webhook_look(connection_id=connection.pk)
    assert (gap().reason, gap().ended_at) == ("unsubscribed", None)
    assert about(gap().started_at, HOUR)  # since the last look, not since the day's check
    connection.refresh_from_db()
    assert connection.missing == ["webhook_elsewhere"]
    sandbox.directory.webhooks["line-token"] = ours
    webhook_look(connection_id=connection.pk)
    assert about(gap().ended_at, dt.timedelta())
    connection.refresh_from_db()
    assert connection.missing == []


def test_a_page_that_meta_unsubscribed_is_subscribed_again_and_the_time_between_told(sandbox: Sandbox) -> None:
    connection = connected("facebook", PAGE, "EApage")
    sandbox.directory.subscribed.clear()  # Meta unsubscribes after an hour of failures (PROTOCOLS 1.4)
    webhook_look(connection_id=connection.pk)
    assert sandbox.directory.subscribed
    assert gap().reason == "unsubscribed"
    assert about(gap().started_at, 2 * HOUR)
    assert about(gap().ended_at, dt.timedelta())
    webhook_look(connection_id=connection.pk)
    assert Gap.objects.count() == 1


def test_the_days_check_notices_it_too(sandbox: Sandbox) -> None:
    connection = connected("facebook", PAGE, "EApage")
    sandbox.directory.subscribed.clear()
    connection_check(connection_id=connection.pk, daily=True)
    assert gap().reason == "unsubscribed"


def test_a_look_without_an_answer_changes_nothing(sandbox: Sandbox, settings: Any) -> None:
    connection = connected("line", BOT, "line-token")
    settings.SANDBOX_BASE_URL = "http://127.0.0.1:9"
    webhook_look(connection_id=connection.pk)
    webhook_look(connection_id=0)
    connection.refresh_from_db()
    assert (connection.state, connection.missing) == (ConnectionState.CONNECTED, [])
    assert not Gap.objects.exists()


def test_who_is_looked_at(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connected("line", BOT, "line-token")
    queued: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, *args: queued.extend(args))
    tasks.sweep_webhooks()
    assert queued == [connection.pk]
    Connection.objects.update(state=ConnectionState.RECONNECT)
    assert connections_to_watch() == []
