"""Connecting beside itself, beside a check, and beside deliveries, on connections of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels_ingest.models import Connection, ConnectionState, MetaCredential
from channels_ingest.services_check import connection_check
from channels_ingest.services_connect import connection_connect, connection_disconnect
from contacts.models import Channel, Identity
from saifa_crm.tests.threads import together

from .posts import line_body, line_event, post_line

pytestmark = pytest.mark.django_db(transaction=True)
BOT = "U" + "d" * 32


def test_one_account_connected_by_many_at_once_is_one_channel() -> None:
    def connect() -> None:
        connection_connect(platform="facebook", external_id="77", name="LIV", secret="same", verify_token="same")

    assert together(*[connect] * 6) == []
    assert (Channel.objects.count(), Connection.objects.count(), MetaCredential.objects.count()) == (1, 1, 2)


@pytest.mark.parametrize("status", [200, 401])
def test_an_answer_about_a_token_that_is_gone_changes_nothing(
    status: int, httpserver: HTTPServer, settings: Any
) -> None:
    """Disconnected, or given a new token, while the platform was being asked."""
    settings.LINE_API_BASE_URL = httpserver.url_for("").rstrip("/")
    connected = connection_connect(platform="line", external_id=BOT, name="", secret="s", token="old")

    def slow(change: Callable[[], object]) -> Callable[[Request], Response]:
        def answer(_request: Request) -> Response:
            assert together(change) == []
            return Response(json.dumps({"userId": BOT}), status, content_type="application/json")

        return answer

    def renew() -> None:
        connection_connect(platform="line", external_id=BOT, name="", token="new")

    httpserver.expect_ordered_request("/v2/bot/info").respond_with_handler(slow(renew))
    assert connection_check(connection_id=connected.pk).state == ConnectionState.UNCHECKED
    forget = slow(lambda: connection_disconnect(connection_id=connected.pk))
    httpserver.expect_ordered_request("/v2/bot/info").respond_with_handler(forget)
    assert connection_check(connection_id=connected.pk).state == ConnectionState.DISCONNECTED
    assert Connection.objects.get().token == ""


def test_a_change_of_provider_beside_deliveries_leaves_nobody_behind() -> None:
    """New and known people write while the scope changes: every identity ends in the channel's scope."""
    connection_connect(platform="line", external_id=BOT, name="Saifa Shop", secret="s")
    channel = Channel.objects.select_related("connection").get()
    statuses: list[int] = []

    def write(start: int) -> Callable[[], None]:
        def post() -> None:
            for number in range(start, start + 20):
                people = [f"Unew{number}", f"Uold{number % 5}"]
                events = [line_event(person, f"{person}-{number}") for person in people]
                statuses.append(post_line(channel, line_body(*events, destination=BOT), secret="s").status_code)

        return post

    def change() -> None:
        for number in range(12):
            connection_connect(platform="line", external_id=BOT, name="", provider=f"P{number}")

    assert together(write(0), write(100), change) == []
    assert set(statuses) == {200}
    assert Channel.objects.get().scope == "line:provider:P11"
    assert set(Identity.objects.values_list("scope", flat=True)) == {"line:provider:P11"}
    assert Identity.objects.count() == 45
