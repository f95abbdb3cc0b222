"""What owners are told on every page: channels to connect again, tokens that end within the week."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_ingest.alerts import alerts
from channels_ingest.models import Connection, ConnectionState
from channels_ingest.services_check import connection_check
from channels_ingest.services_connect import connection_connect
from contacts.models import Channel

pytestmark = pytest.mark.django_db
PAGES = ["/contacts/", "/labels/", "/channels/", "/team/", "/account/"]


def channel(name: str, **facts: Any) -> Connection:
    made = Channel.objects.create(platform="instagram", external_id=name, name=name)
    facts = {"state": ConnectionState.CONNECTED, "token": "t"} | facts
    return Connection.objects.create(channel=made, **facts)


def in_days(days: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_an_owner_tells_and_leads_there(owner_client: Client, path: str) -> None:
    dead = channel("dead.th", state=ConnectionState.RECONNECT)
    ending = channel("ending.th", token_expires_at=in_days(6.9))
    channel("well.th", token_expires_at=in_days(7.1))
    html = text(owner_client, path)
    assert "<b>Instagram dead.th</b> must be connected again" in html
    assert "<b>Instagram ending.th</b> ends on" in html
    assert "<b>Instagram well.th" not in html
    for one in (dead, ending):
        assert f'href="/channels/#channel-{one.pk}"' in html


@pytest.mark.parametrize("role", ["agent_client", "marketer_client"])
def test_nobody_else_is_told_or_costs_a_query(request: pytest.FixtureRequest, role: str) -> None:
    client = request.getfixturevalue(role)
    channel("dead.th", state=ConnectionState.RECONNECT)
    with CaptureQueriesContext(database) as queries:
        assert "dead.th" not in text(client, "/contacts/")
    assert "token_expires_at" not in str(queries.captured_queries)


def test_an_owner_costs_one_look_into_redis(owner_client: Client) -> None:
    channel("dead.th", state=ConnectionState.RECONNECT)
    text(owner_client, "/contacts/")
    with CaptureQueriesContext(database) as queries:
        assert "dead.th" in text(owner_client, "/contacts/")
    assert "token_expires_at" not in str(queries.captured_queries)


@pytest.mark.parametrize("state", [ConnectionState.DISCONNECTED, ConnectionState.RECONNECT])
def test_a_token_that_is_gone_is_not_told_to_end(state: ConnectionState) -> None:
    channel("gone.th", state=state, token_expires_at=in_days(1))
    assert [alert.is_dead for alert in alerts()] == [True] * (state == ConnectionState.RECONNECT)


def test_refused_ones_stand_first_and_three_are_enough(owner_client: Client) -> None:
    channel("ending.th", token_expires_at=in_days(1))
    for number in range(3):
        channel(f"dead{number}.th", state=ConnectionState.RECONNECT)
    assert [alert.is_dead for alert in alerts()] == [True, True, True, False]
    html = text(owner_client, "/contacts/")
    assert "ending.th" not in html
    assert "See all channels that need you" in html


def test_it_goes_with_its_reason(httpserver: Any, settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    settings.LINE_API_BASE_URL = httpserver.url_for("").rstrip("/")
    bot = "U" + "a" * 32
    refused = httpserver.expect_oneshot_request("/v2/bot/info")
    refused.respond_with_json({"message": "no"}, status=401)
    with django_capture_on_commit_callbacks(execute=True):
        connection = connection_connect(platform="line", external_id=bot, name="", token="t")
        connection_check(connection_id=connection.pk)
    assert len(alerts()) == 1
    httpserver.expect_request("/v2/bot/info").respond_with_json({"userId": bot})
    with django_capture_on_commit_callbacks(execute=True):
        connection_check(connection_id=connection.pk)
    assert alerts() == []


def test_names_are_escaped(owner_client: Client) -> None:
    channel("<img src=x>", state=ConnectionState.RECONNECT)
    assert "<img src=x>" not in text(owner_client, "/contacts/")


def test_without_redis_they_are_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    channel("dead.th", state=ConnectionState.RECONNECT)
    monkeypatch.setattr("saifa_crm.lib.kept.cache", RedisCache("unix:///nowhere/redis.sock", {}))
    alerts.forget()
    assert len(alerts()) == 1


def test_the_card_says_when_the_token_ends(owner_client: Client) -> None:
    channel("ending.th", token_expires_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    html = text(owner_client, "/channels/")
    assert 'class="warn">Ends 2 Jan 2026' in html
    assert "The token ends soon" in html
