"""Whatever fails, no secret comes to the log: every kind of failing call, everything logged, nothing found."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_httpserver import HTTPServer
from werkzeug import Response

from channels_ingest import profiles, views_channels
from channels_ingest.models import Connection
from channels_ingest.secret_store import store
from channels_ingest.services_connect import connection_check, connection_connect, meta_credential_add
from contacts.models import Identity
from overview.services import person_add
from saifa_crm.access import AGENT

from .outage import database_away
from .posts import line_body, line_event, page_body, page_item, post_line, post_meta

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN, SECRET, VERIFY = "T0ken-zq81", "S3cret-zq82", "V3rify-zq83"
TYPED = "Typed-zq84"
BOT = "U" + "d" * 32


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every record of every logger, as the server would write it."""
    written = io.StringIO()
    root = logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(root.handlers[0].formatter)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def connections(settings: Any, httpserver: HTTPServer) -> list[Connection]:
    for name in ("LINE_API_BASE_URL", "GRAPH_API_BASE_URL", "INSTAGRAM_API_BASE_URL", "TELEGRAM_API_BASE_URL"):
        setattr(settings, name, httpserver.url_for("").rstrip("/"))
    meta_credential_add(kind="verify_token", value=VERIFY)
    made = [
        connection_connect(platform=platform, external_id=account, name="Saifa", secret=SECRET, token=TOKEN)
        for platform, account in (("line", BOT), ("facebook", "77"), ("instagram", "78"))
    ]
    store.current()
    return made


def nothing_secret(log: io.StringIO, connections: list[Connection], *, silent: bool = False) -> None:
    text = log.getvalue()
    assert text or silent, "nothing was logged: the test would prove nothing"
    keys = [connection.webhook_key for connection in connections]
    assert [secret for secret in (TOKEN, SECRET, VERIFY, TYPED, *keys) if secret in text] == []


@pytest.mark.parametrize("answer", [Response("no", 401), Response("{", 200), Response("oops", 500), None])
def test_platforms_that_fail(
    answer: Response | None, log: io.StringIO, connections: list[Connection], httpserver: HTTPServer, settings: Any
) -> None:
    if answer is None:
        for name in ("LINE_API_BASE_URL", "GRAPH_API_BASE_URL", "INSTAGRAM_API_BASE_URL", "TELEGRAM_API_BASE_URL"):
            setattr(settings, name, "http://127.0.0.1:9")  # nobody listens
    else:
        httpserver.expect_request(re.compile(".*")).respond_with_response(answer)
    assert post_line(connections[0].channel, line_body(line_event("Ua", "1")), secret=SECRET).status_code == 200
    body = page_body(page_item("9", "m1", page="77"), page="77")
    assert post_meta("facebook", body, secret=SECRET).status_code == 200
    for connection in connections:
        connection_check(connection_id=connection.pk)
    for identity in Identity.objects.all():
        profiles.profile_fetch(identity_id=identity.pk)
    out = io.StringIO()
    command = ("--external-id", BOT, "--name", "x", "--secret", SECRET, "--token", TOKEN)
    call_command("connect_channel", "--platform", "line", *command, stdout=out, stderr=out)
    assert TOKEN not in out.getvalue()
    assert SECRET not in out.getvalue()
    with pytest.raises(CommandError) as refused:
        call_command("connect_channel", "--platform", "fax", *command)
    assert SECRET not in str(refused.value)
    nothing_secret(log, connections, silent=answer is None)  # out of reach is no news


def test_posts_that_are_refused_and_pages_that_crash(
    log: io.StringIO, connections: list[Connection], owner: User, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(**_given: Any) -> None:
        raise RuntimeError("crashed on purpose")

    line = connections[0].channel
    typed = {"external_id": "UF", "name": "x", "secret": TYPED, "token": TYPED, "verify_token": TYPED}
    client = owner_client
    client.raise_request_exception = False
    assert post_line(line, b"{}", secret="guessed").status_code == 403
    assert post_line(line, b"{", secret=SECRET).status_code == 400
    assert Client().get(f"/webhooks/line/{line.connection.webhook_key}/").status_code == 405
    assert Client().get("/webhooks/facebook/", {"hub.verify_token": TYPED, "hub.mode": "subscribe"}).status_code == 403
    assert client.post("/channels/connect/line/", {**typed, "external_id": ""}).status_code == 422
    with monkeypatch.context() as patch:
        patch.setattr(views_channels, "connection_connect", crash)
        assert client.post("/channels/connect/facebook/", typed).status_code in (422, 500)
        patch.setattr(views_channels, "connection_edit", crash)
        assert client.post(f"/channels/{connections[0].pk}/edit/", typed).status_code == 500
    _, token = person_add(actor=owner, name="Fon", email="fon@saifa.test", role=AGENT)
    assert Client().get(f"/invite/{token}x/").status_code == 410
    assert Client().put(f"/invite/{token}/").status_code == 405
    assert token not in log.getvalue()
    with database_away():
        assert post_line(line, line_body(line_event("Ua", "1"), destination=BOT), secret=SECRET).status_code == 200
        assert post_line(line, b"{}", secret="guessed").status_code == 503
    nothing_secret(log, connections)


def test_the_log_would_tell(log: io.StringIO, connections: list[Connection]) -> None:
    """The guard itself: an unmasked record is found."""
    logging.getLogger("anybody").warning("sent with %s", TOKEN)
    with pytest.raises(AssertionError):
        nothing_secret(log, connections)
