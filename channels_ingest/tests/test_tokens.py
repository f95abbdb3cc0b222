"""Tokens look after themselves: checked daily, renewed without ever losing the one that works, announced in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels_ingest import tasks
from channels_ingest.models import Connection, ConnectionState
from channels_ingest.sandbox.server import Sandbox, running
from channels_ingest.services_check import connection_check
from channels_ingest.services_connect import connection_connect, connection_disconnect
from channels_ingest.tokens import connection_look_after, connection_renew, connections_to_check
from contacts.models import Channel
from inbox.models import Gap
from saifa_crm.lib import redis_client

pytestmark = pytest.mark.django_db
ACCOUNT = "17841409876543210"
DAY = dt.timedelta(days=1)
ACCOUNTS = {
    "IGtoken": {"id": ACCOUNT, "name": "lightme.th"},
    "IGyoung": {"id": ACCOUNT, "name": "lightme.th"},
    "EApage": {"id": "104857600112233", "name": "LIV", "instagram_id": ACCOUNT, "instagram_name": "lightme.th"},
    "odd-page": {"id": "104857600112233", "name": "LIV", "instagram_id": ACCOUNT, "instagram_name": "lightme.th"},
    "line-token": {"id": "U" + "7" * 32, "name": "Saifa Shop"},
}


@pytest.fixture
def sandbox(settings: Any) -> Iterator[Sandbox]:
    with running() as server:
        server.directory.load({"accounts": ACCOUNTS, "people": {}})
        settings.SANDBOX_BASE_URL = server.url
        settings.PUBLIC_BASE_URL = "https://crm.example.com"
        yield server


def instagram(token: str = "IGtoken", **facts: Any) -> Connection:
    connection = connection_connect(platform="instagram", external_id=ACCOUNT, name="", token=token, sandbox=True)
    connection_check(connection_id=connection.pk)
    Connection.objects.filter(pk=connection.pk).update(**facts)
    connection.refresh_from_db()
    return connection


def aged(days: float) -> dict[str, Any]:
    """An Instagram token pasted so many days ago, last checked a day ago."""
    then = timezone.now() - days * DAY
    return {"token_set_at": then, "token_expires_at": then + 60 * DAY, "checked_at": timezone.now() - DAY}


def about(moment: dt.datetime | None, days: float) -> bool:
    return moment is not None and abs(moment - timezone.now() - days * DAY) < dt.timedelta(minutes=5)


def paths(sandbox: Sandbox) -> list[str]:
    found = [f"{call.method} {call.path}" for call in sandbox.directory.calls]
    sandbox.directory.calls.clear()
    return found


def test_a_pasted_token_is_taken_to_live_sixty_days(sandbox: Sandbox) -> None:
    connection = instagram()
    assert connection.state == ConnectionState.CONNECTED
    assert about(connection.token_expires_at, 60)


def test_a_week_old_token_is_renewed_by_the_daily_check(sandbox: Sandbox) -> None:
    connection = instagram(**aged(8))
    paths(sandbox)
    connection_look_after(connection_id=connection.pk)
    connection.refresh_from_db()
    assert connection.token.startswith("IGtoken+")
    assert about(connection.token_refreshed_at, 0)
    assert about(connection.token_expires_at, 60)
    assert paths(sandbox)[0] == "GET /refresh_access_token"
    connection_look_after(connection_id=connection.pk)  # checked already today
    assert paths(sandbox) == []


def test_a_renewed_token_keeps_the_end_it_was_told(sandbox: Sandbox) -> None:
    connection = instagram(**aged(8))
    connection_renew(connection_id=connection.pk)
    told = dt.timedelta(days=59)
    Connection.objects.update(token_expires_at=timezone.now() + told)
    connection_check(connection_id=connection.pk)
    connection.refresh_from_db()
    assert about(connection.token_expires_at, 59)
    assert Connection.objects.get().token == connection.token


@pytest.mark.parametrize(
    ("token", "days"), [("IGtoken", 6), ("EApage", 50)], ids=["too young", "of a page, which does not end"]
)
def test_other_tokens_are_only_checked(sandbox: Sandbox, token: str, days: float) -> None:
    connection = instagram(token, **aged(days))
    paths(sandbox)
    connection_look_after(connection_id=connection.pk)
    assert "GET /refresh_access_token" not in paths(sandbox)
    connection.refresh_from_db()
    assert connection.token == token
    assert (connection.token_expires_at is None) == (token == "EApage")


def test_a_renewal_that_fails_is_tried_again_the_next_day(sandbox: Sandbox) -> None:
    connection = instagram("IGyoung", **aged(8))
    for _ in range(2):
        paths(sandbox)
        connection_look_after(connection_id=connection.pk)
        assert "GET /refresh_access_token" in paths(sandbox)
        connection.refresh_from_db()
        assert (connection.token, connection.state) == ("IGyoung", ConnectionState.CONNECTED)
        assert about(connection.token_expires_at, 52)
        Connection.objects.update(checked_at=timezone.now() - DAY)


@pytest.fixture
def graph(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    settings.INSTAGRAM_API_BASE_URL = httpserver.url_for("").rstrip("/")
    return httpserver


def pasted(**facts: Any) -> Connection:
    connection = connection_connect(platform="instagram", external_id=ACCOUNT, name="", token="IGold")
    Connection.objects.filter(pk=connection.pk).update(state=ConnectionState.CONNECTED, **aged(8) | facts)
    connection.refresh_from_db()
    return connection


def replace(connection: Connection) -> None:
    connection_connect(platform="instagram", external_id=ACCOUNT, name="", token="IGpasted")


def disconnect(connection: Connection) -> None:
    connection_disconnect(connection_id=connection.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("change", "kept"), [(replace, "IGpasted"), (disconnect, "")])
def test_a_renewal_never_overwrites_what_came_meanwhile(
    graph: HTTPServer, change: Callable[[Connection], None], kept: str
) -> None:
    connection = pasted()

    def answer(_: Request) -> Response:
        try:
            change(connection)
        finally:
            database.close()
        return Response('{"access_token": "IGrenewed", "expires_in": 5184000}', content_type="application/json")

    graph.expect_request("/refresh_access_token").respond_with_handler(answer)
    graph.expect_request("/v25.0/me").respond_with_json({"id": "1", "user_id": ACCOUNT, "username": "x"})
    assert connection_renew(connection_id=connection.pk) is False
    connection.refresh_from_db()
    assert connection.token == kept


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "", "expires_in": 5184000},
        {"access_token": "IGnew\n", "expires_in": "soon"},
        {"access_token": "IGnew", "expires_in": 0},
        {"access_token": "x" * 2000, "expires_in": 5184000},
        {"access_token": "IGก", "expires_in": 5184000},
        {"error": {"code": 10, "message": "no"}},
    ],
)
def test_an_odd_answer_leaves_the_working_token(graph: HTTPServer, answer: dict[str, Any]) -> None:
    connection = pasted()
    graph.expect_request("/refresh_access_token").respond_with_json(answer)
    assert connection_renew(connection_id=connection.pk) is False
    connection.refresh_from_db()
    assert (connection.token, connection.state) == ("IGold", ConnectionState.CONNECTED)


def test_a_new_token_that_does_not_work_leaves_the_old_one(graph: HTTPServer) -> None:
    connection = pasted()

    def me(request: Request) -> Response:
        works = request.headers["Authorization"] == "Bearer IGold"
        good, bad = f'{{"user_id": "{ACCOUNT}"}}', '{"error": {"code": 190}}'
        return Response(good if works else bad, 200 if works else 400, content_type="application/json")

    answer = {"access_token": "IGbroken", "expires_in": 5184000}
    graph.expect_request("/refresh_access_token").respond_with_json(answer)
    graph.expect_request("/v25.0/me").respond_with_handler(me)
    assert connection_renew(connection_id=connection.pk) is False
    connection.refresh_from_db()
    assert (connection.token, connection.state) == ("IGold", ConnectionState.CONNECTED)


def test_the_renewal_is_asked_for_as_documented(graph: HTTPServer, settings: Any) -> None:
    settings.INSTAGRAM_API_BASE_URL += "/v25.0"
    graph.expect_request("/refresh_access_token").respond_with_json({}, status=500)
    connection_renew(connection_id=pasted().pk)
    (request,) = [request for request, _ in graph.log]
    assert request.args.to_dict() == {"grant_type": "ig_refresh_token", "access_token": "IGold"}
    assert "Authorization" not in request.headers


def test_a_token_that_died_before_it_was_renewed_is_told(sandbox: Sandbox) -> None:
    connection = instagram(**aged(8))
    Connection.objects.update(token="IGdead")
    assert connection_renew(connection_id=connection.pk) is False
    connection.refresh_from_db()
    assert (connection.token, connection.state) == ("IGdead", ConnectionState.RECONNECT)


def test_a_dead_token_is_found_by_the_daily_check(sandbox: Sandbox) -> None:
    connection = instagram(**aged(1))
    Connection.objects.update(token="IGdead")
    connection_look_after(connection_id=connection.pk)
    connection.refresh_from_db()
    assert connection.state == ConnectionState.RECONNECT
    assert connections_to_check() == []


@pytest.mark.parametrize("status", [500, 429])
def test_a_platform_out_of_reach_is_no_news(graph: HTTPServer, status: int) -> None:
    connection = pasted(token_set_at=timezone.now())
    graph.expect_request("/v25.0/me").respond_with_json({"error": {"code": 2}}, status=status)
    connection_look_after(connection_id=connection.pk)
    after = Connection.objects.get()
    assert (after.state, after.state_note) == (ConnectionState.CONNECTED, "")
    assert after.checked_at == connection.checked_at


def line(settings: Any, **facts: Any) -> Connection:
    bot = ACCOUNTS["line-token"]["id"]
    connection = connection_connect(
        platform="line", external_id=bot, name="", secret="s", token="line-token", sandbox=True
    )
    connection_check(connection_id=connection.pk)
    Connection.objects.filter(pk=connection.pk).update(**facts)
    return Connection.objects.get(pk=connection.pk)


def test_the_daily_check_of_line_takes_no_webhook_back(sandbox: Sandbox, settings: Any) -> None:
    connection = line(settings, checked_at=timezone.now() - DAY)
    assert connection.missing == []
    sandbox.directory.webhooks["line-token"] = "https://other.example.com/hook"
    paths(sandbox)
    connection_look_after(connection_id=connection.pk)
    assert "PUT /v2/bot/channel/webhook/endpoint" not in paths(sandbox)
    connection.refresh_from_db()
    assert (connection.state, connection.missing) == (ConnectionState.CONNECTED, ["webhook_elsewhere"])
    assert Gap.objects.get().ended_at is None
    connection_check(connection_id=connection.pk)  # an owner who presses Check again means it
    connection.refresh_from_db()
    assert connection.missing == []
    assert Gap.objects.get().ended_at is not None


def test_the_daily_check_of_telegram_takes_no_webhook_back(sandbox: Sandbox) -> None:
    token = "6100000001:bot-token"
    connection = connection_connect(platform="telegram", external_id="6100000001", name="", token=token, sandbox=True)
    assert connection_check(connection_id=connection.pk).missing == []
    sandbox.directory.telegram_webhooks[token]["url"] = "https://other.example.com/hook"
    assert connection_check(connection_id=connection.pk, daily=True).missing == ["webhook_elsewhere"]
    assert sandbox.directory.telegram_webhooks[token]["url"] == "https://other.example.com/hook"
    assert connection_check(connection_id=connection.pk).missing == []


@pytest.mark.parametrize("token", ["IGtoken", "EApage"])
def test_a_check_subscribes_only_what_is_not_subscribed(sandbox: Sandbox, token: str) -> None:
    connection = instagram(token)
    assert [path for path in paths(sandbox) if path.startswith("POST")]
    connection_check(connection_id=connection.pk, daily=True)
    assert [path for path in paths(sandbox) if path.startswith("POST")] == []
    sandbox.directory.subscribed.clear()  # Meta unsubscribes after an hour of failures
    connection_check(connection_id=connection.pk, daily=True)
    assert [path for path in paths(sandbox) if path.startswith("POST")]
    connection.refresh_from_db()
    assert connection.missing == []
    (gap,) = Gap.objects.all()  # what was written since the check before may not have come
    assert (gap.reason, gap.ended_at) == (Gap.Reason.UNSUBSCRIBED, connection.checked_at)


def many(number: int, **facts: Any) -> list[int]:
    made = []
    for n in range(number):
        channel = Channel.objects.create(platform="line", external_id=f"U{n}", name=f"Shop {n}")
        facts = {"state": ConnectionState.CONNECTED, "token": "t"} | facts
        made.append(Connection.objects.create(channel=channel, **facts).pk)
    return made


def test_checks_are_spread_over_the_day() -> None:
    everyone = many(100, checked_at=timezone.now() - DAY)
    Connection.objects.filter(pk=everyone[7]).update(checked_at=None)
    first = connections_to_check()
    assert first[0] == everyone[7]
    assert 1 <= len(first) <= 3
    assert not set(first) & set(connections_to_check())  # in the queue already
    for name in redis_client.client().scan_iter(redis_client.key("token:*")):
        redis_client.client().delete(name)
    assert connections_to_check() == first  # the queue was wiped with the marks


def test_who_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    now, ids = timezone.now(), many(5, checked_at=timezone.now() - DAY)
    changes: list[dict[str, Any]] = [
        {"state": ConnectionState.DISCONNECTED},
        {"state": ConnectionState.RECONNECT},
        {"token": ""},
        {"checked_at": now - dt.timedelta(hours=20)},
        {"checked_at": now - dt.timedelta(hours=2), "state": ConnectionState.UNCHECKED},
    ]
    for pk, facts in zip(ids, changes, strict=True):
        Connection.objects.filter(pk=pk).update(**facts)
    queued: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, *args: queued.extend(args))
    tasks.sweep_tokens()
    assert queued == [ids[4]]
    tasks.token_look_after(ids[1])  # one that was queued before it was refused: no call, no error
    tasks.token_look_after(0)
