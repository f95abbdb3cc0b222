"""What is left of LINE's month, asked of the sandbox and kept in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from pytest_httpserver import HTTPServer

from channels_ingest import quotas, tasks
from channels_ingest.models import Connection, ConnectionState
from channels_ingest.platforms.base import Quota
from channels_ingest.sandbox.server import Sandbox, running

from .outbox import make_chat, queue, sandboxed, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(settings: Any) -> Iterator[Sandbox]:
    with running() as server:
        settings.SANDBOX_BASE_URL = server.url
        yield server


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    for channel_id in range(1, 100):
        cache.delete(f"quota:{channel_id}")


def test_asked_and_counted_on(sandbox: Sandbox) -> None:
    chat = make_chat("line")
    channel_id = chat.identity.channel_id
    assert quotas.quota_of(channel_id) is None
    quotas.quota_fetch(connection_id=Connection.objects.get().pk)
    assert quotas.quota_of(channel_id) == Quota(0, 1000)
    assert send(queue(chat)).delivery_state == "sent"
    assert quotas.quota_of(channel_id) == Quota(1, 1000)
    quotas.quota_fetch(connection_id=Connection.objects.get().pk)
    assert quotas.quota_of(channel_id) == Quota(1, 1000)


def test_only_channels_that_pay_by_message_are_asked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tasks.quota_fetch, "delay", lambda *args: asked.append(args))
    make_chat("facebook")
    line = make_chat("line").identity.channel
    tasks.sweep_quotas()
    assert asked == [(line.connection.pk,)]
    Connection.objects.update(state=ConnectionState.RECONNECT)
    tasks.sweep_quotas()
    assert len(asked) == 1
    for connection in Connection.objects.all():
        quotas.quota_fetch(connection_id=connection.pk)
    quotas.quota_fetch(connection_id=0)
    assert sandbox.directory.calls == []


def answer(platform: HTTPServer, plan: Any, usage: Any, status: int = 200) -> None:
    platform.expect_request("/v2/bot/message/quota").respond_with_json(plan, status=status)
    platform.expect_request("/v2/bot/message/quota/consumption").respond_with_json(usage)


@pytest.mark.parametrize(
    ("plan", "usage", "quota"),
    [
        ({"type": "limited", "value": 500}, {"totalUsage": 182}, Quota(182, 500)),
        ({"type": "none"}, {"totalUsage": 182}, Quota(182, None)),
        ({"type": "limited"}, {"totalUsage": 182}, Quota(182, None)),
        ({"type": "limited", "value": 500}, {}, None),
    ],
)
def test_plans(httpserver: HTTPServer, settings: Any, plan: Any, usage: Any, quota: Quota | None) -> None:
    answer(sandboxed(httpserver, settings), plan, usage)
    chat = make_chat("line")
    quotas.quota_fetch(connection_id=Connection.objects.get().pk)
    assert quotas.quota_of(chat.identity.channel_id) == quota


@pytest.mark.parametrize(("status", "state"), [(500, "connected"), (401, "reconnect")])
def test_no_answer_keeps_the_old_figure(httpserver: HTTPServer, settings: Any, status: int, state: str) -> None:
    answer(sandboxed(httpserver, settings), {}, {}, status)
    channel_id = make_chat("line").identity.channel_id
    cache.set(f"quota:{channel_id}", (7, 500), 60)
    quotas.quota_fetch(connection_id=Connection.objects.get().pk)
    assert quotas.quota_of(channel_id) == Quota(7, 500)
    assert Connection.objects.get().state == state


def test_without_redis_replies_still_go(sandbox: Sandbox, settings: Any) -> None:
    chat = make_chat("line")
    backend = settings.CACHES["default"] | {"LOCATION": "unix:///nonexistent/redis.sock?db=0"}
    settings.CACHES = {"default": backend}
    quotas.quota_fetch(connection_id=Connection.objects.get().pk)
    tasks.sweep_outbound()
    assert send(queue(chat)).delivery_state == "sent"


def test_the_sandbox_never_gives_an_id_twice(sandbox: Sandbox) -> None:
    """Nor after a restart: the demo's chats outlive it."""
    chats = [make_chat(name) for name in ("facebook", "instagram", "line")]
    ids = {send(queue(chat, str(number))).platform_id for chat in chats for number in range(3)}
    with running() as another:
        assert len(ids) == 9 and f"m_sandbox_{another.directory.next_number():08d}" not in ids
