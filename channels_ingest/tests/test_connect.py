"""Connecting channels by service and command: idempotent, without network, secrets kept closed."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection as database
from pytest_httpserver import HTTPServer

from channels_ingest.counters import LAST
from channels_ingest.counts import last_events_flush
from channels_ingest.models import Connection, ConnectionState, MetaCredential
from channels_ingest.selectors import connection_rows
from channels_ingest.services_connect import connection_connect, connection_disconnect
from contacts.models import Channel, Identity
from saifa_crm.lib.redis_client import client, key

from .posts import line_body, line_event, page_body, page_item, post_line, post_meta

pytestmark = pytest.mark.django_db
BOT = "U" + "e" * 32


def run(*args: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("connect_channel", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def connect_line(*more: str) -> tuple[str, str]:
    return run("--platform", "line", "--external-id", BOT, "--name", "Saifa Shop", *more)


def test_webhook_url_stands_alone_on_the_last_line(settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://crm.example.com"
    out, _ = connect_line("--secret", "s1")
    key = Connection.objects.get().webhook_key
    assert out.splitlines()[-1] == f"https://crm.example.com/webhooks/line/{key}/"
    assert len(key) >= 22  # 128 bits and more


def test_repeating_updates_and_keeps_the_url() -> None:
    first, _ = connect_line("--secret", "s1", "--provider", "p")
    second, _ = connect_line("--secret", "s2")
    assert first == second
    assert Connection.objects.get().secrets == ["s2", "s1"]
    connect_line("--secret", "s3")
    assert Connection.objects.get().secrets == ["s3", "s2"]
    assert Channel.objects.get().scope == "line:provider:p"


def test_meta_secrets_are_added_to_the_deployment() -> None:
    for number in (1, 2):
        args = (
            "--platform",
            "facebook",
            "--external-id",
            "77",
            "--secret",
            f"s{number}",
            "--verify-token",
            f"v{number}",
        )
        run(*args)
        run(*args)
    assert sorted(one.value for one in MetaCredential.objects.all()) == ["s1", "s2", "v1", "v2"]
    for number in (1, 2):
        body = page_body(page_item("9", f"m{number}", page="77"), page="77")
        assert post_meta("facebook", body, secret=f"s{number}").status_code == 200
    assert Channel.objects.get().name == "77"


def test_no_network_is_a_warning(settings: Any) -> None:
    settings.LINE_API_BASE_URL = "http://127.0.0.1:9"
    out, err = connect_line("--secret", "s", "--token", "t")
    assert "Warning" in err
    assert out.strip()
    assert (
        post_line(Channel.objects.get(), line_body(line_event("Ua", "1"), destination=BOT), secret="s").status_code
        == 200
    )


def test_dead_token_is_a_warning_and_ingest_goes_on(httpserver: HTTPServer, settings: Any) -> None:
    settings.LINE_API_BASE_URL = httpserver.url_for("").rstrip("/")
    httpserver.expect_request("/v2/bot/info").respond_with_json({"message": "Authentication failed"}, status=401)
    _, err = connect_line("--secret", "s", "--token", "dead-token-value")
    assert "Warning" in err
    assert "dead-token-value" not in err
    assert Connection.objects.get().state == ConnectionState.RECONNECT
    assert (
        post_line(Channel.objects.get(), line_body(line_event("Ua", "1"), destination=BOT), secret="s").status_code
        == 200
    )


def test_secrets_are_closed_in_the_database() -> None:
    connect_line("--secret", "very-secret", "--token", "very-token")
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets || token FROM channels_ingest_connection")
        stored = cursor.fetchone()[0]
    assert "very" not in stored


def test_disconnect_forgets_secrets_and_keeps_people() -> None:
    connect_line("--secret", "s")
    channel = Channel.objects.get()
    post_line(channel, line_body(line_event("Ua", "1"), destination=BOT), secret="s")
    connection_disconnect(connection_id=channel.connection.pk)
    connection = Connection.objects.get()
    assert (connection.secrets, connection.token, connection.state) == ([], "", ConnectionState.DISCONNECTED)
    assert Identity.objects.count() == 1
    channel.refresh_from_db()
    assert post_line(channel, line_body(line_event("Ua", "2"), destination=BOT), secret="s").status_code in (
        403,
        404,
    )


def test_new_provider_reaches_the_people_already_there() -> None:
    connect_line("--secret", "s")
    channel = Channel.objects.get()
    post_line(channel, line_body(line_event("Ua", "1"), destination=BOT), secret="s")
    connection_connect(platform="line", external_id=BOT, name="", provider="p")
    assert Identity.objects.get().scope == "line:provider:p"


def test_last_event_outlives_redis(django_capture_on_commit_callbacks: Any) -> None:
    connect_line("--secret", "s")
    with django_capture_on_commit_callbacks(execute=True):
        post_line(Channel.objects.get(), line_body(line_event("Ua", "1"), destination=BOT), secret="s")
    last_events_flush()
    client().delete(key(LAST))
    row = connection_rows()[0]
    assert row.last_event_at == Connection.objects.get().last_event_at is not None
