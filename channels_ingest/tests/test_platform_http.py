"""What the network can do to a call: silence, redirects, floods, answers that are no JSON."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels_ingest.platforms import _http, line, messenger
from channels_ingest.platforms._graph import error_of
from channels_ingest.platforms._http import Answer
from channels_ingest.platforms.base import (
    Client,
    Outgoing,
    PlatformError,
    Rejected,
    RetryLater,
    TokenDead,
    Unavailable,
    Uncertain,
)

from .corpus import require_folder

MESSAGE = Outgoing("601", "สวัสดี", "5f0c1c1e-6d1f-4a55-9f0e-2a1d3b4c5d6e")


def client(url: str, token: str = "secret-token") -> Client:
    return Client(base_url=url, token=token, account_id="1048", timeout=(3.0, 3.0))


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_silence_while_sending_is_uncertain_for_meta_and_retryable_for_line(silent: str) -> None:
    with pytest.raises(Uncertain):
        messenger.send(client(silent), MESSAGE)
    with pytest.raises(RetryLater):
        line.send(client(silent), MESSAGE)
    with pytest.raises(RetryLater):
        messenger.profile(client(silent), "601")


def test_refused_connection_is_retryable_even_for_a_meta_send(closed: str) -> None:
    with pytest.raises(RetryLater) as caught:
        messenger.send(client(closed), MESSAGE)
    assert "secret-token" not in repr(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize("status", [500, 502, 504])
def test_gateway_page_in_place_of_an_answer(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/v25.0/1048/messages").respond_with_data("<html>", status=status)
    httpserver.expect_request("/v25.0/601").respond_with_data("<html>", status=status)
    with pytest.raises(Uncertain):
        messenger.send(client(httpserver.url_for("")), MESSAGE)
    with pytest.raises(RetryLater):
        messenger.profile(client(httpserver.url_for("")), "601")


def test_redirects_are_not_followed(httpserver: HTTPServer) -> None:
    elsewhere = Response(status=302, headers={"Location": httpserver.url_for("/elsewhere")})
    httpserver.expect_request("/v2/bot/profile/601").respond_with_response(elsewhere)
    with pytest.raises(Rejected) as caught:
        line.profile(client(httpserver.url_for("")), "601")
    assert caught.value.code == "302" and len(httpserver.log) == 1


def test_flood_is_cut(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v2/bot/profile/601").respond_with_data(b" " * (_http.MAX_BYTES + 1))
    with pytest.raises(Rejected) as caught:
        line.profile(client(httpserver.url_for("")), "601")
    assert caught.value.code == "too_large"


def test_drip_is_cut(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "MAX_SECONDS", 0.3)
    stop = threading.Event()

    def drip(request: Request) -> Response:
        def chunks() -> Iterator[bytes]:
            for _ in range(100):
                stop.wait(0.1)
                yield b" " * 20_000

        return Response(chunks())

    httpserver.expect_request("/v2/bot/profile/601").respond_with_handler(drip)
    with pytest.raises(RetryLater) as caught:
        line.profile(client(httpserver.url_for("")), "601")
    stop.set()
    assert caught.value.code == "too_slow"


@pytest.mark.parametrize("body", ["", "[]", "null", "NaN", "[" * 100_000, '"x"'])
def test_success_that_is_no_object(httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/v2/bot/profile/601").respond_with_data(body)
    httpserver.expect_request("/v25.0/601").respond_with_data(body)
    for adapter in (line, messenger):
        with pytest.raises(RetryLater):
            adapter.profile(client(httpserver.url_for("")), "601")


@pytest.mark.parametrize("token", ["a\r\nX-Injected: 1", "โทเคน", "a\x00"])
def test_odd_token_never_reaches_a_header(httpserver: HTTPServer, token: str) -> None:
    with pytest.raises(Rejected) as caught:
        line.profile(client(httpserver.url_for(""), token), "601")
    assert caught.value.code == "bad_token" and not httpserver.log


def test_a_netrc_file_does_not_replace_the_token(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(f"machine {httpserver.host} login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    httpserver.expect_request("/v2/bot/profile/601").respond_with_json({"displayName": "ฝน"})
    assert line.profile(client(httpserver.url_for("")), "601").name == "ฝน"
    assert httpserver.log[0][0].headers["Authorization"] == "Bearer secret-token"


def test_instagram_without_user_id_is_not_connected(httpserver: HTTPServer) -> None:
    from channels_ingest.platforms import instagram

    httpserver.expect_request("/v25.0/me").respond_with_json({"id": "9911", "username": "lightme.th"})
    with pytest.raises(Rejected) as caught:
        instagram.connect(client(httpserver.url_for("")), "https://crm.saifa.example/")
    assert caught.value.code == "no_user_id"


def test_failed_subscription_is_a_missing_step(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v25.0/me").respond_with_json({"id": "1048", "name": "LIV"})
    error = {"error": {"code": 200, "message": "Requires pages_manage_metadata"}}
    httpserver.expect_request("/v25.0/1048/subscribed_apps").respond_with_json(error, status=403)
    assert messenger.connect(client(httpserver.url_for("")), "https://x.example/").missing == ("subscribe_failed",)


@pytest.mark.parametrize("refused", ["send_cart", "message_reads", ""])
def test_a_field_that_is_refused_costs_no_other(httpserver: HTTPServer, refused: str) -> None:
    """The whole call fails with it: a shorter list is asked for instead, messages in every case."""
    asked: list[list[str]] = []

    def answer(request: Request) -> Response:
        asked.append(request.args["subscribed_fields"].split(","))
        status, body = (403, {"error": {"code": 200}}) if refused in asked[-1] else (200, {"success": True})
        return Response(json.dumps(body), status, content_type="application/json")

    httpserver.expect_request("/v25.0/me").respond_with_json({"id": "1048", "name": "LIV"})
    httpserver.expect_request("/v25.0/1048/subscribed_apps").respond_with_handler(answer)
    assert messenger.connect(client(httpserver.url_for("")), "https://x.example/").missing == ()
    assert all("messages" in fields and len(set(fields)) == len(fields) for fields in asked)
    assert len(asked) == {"": 1, "send_cart": 2, "message_reads": 3}[refused]


def graph(status: int, error: Any, headers: dict[str, str] | None = None) -> PlatformError | None:
    return error_of(Answer(status, headers or {}, {"error": error}))


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"code": 190, "error_subcode": 460}, TokenDead),
        (401, {"message": "Invalid OAuth access token"}, TokenDead),
        (400, {"code": 4}, RetryLater),
        (400, {"code": "613"}, RetryLater),
        (429, {}, RetryLater),
        (400, {"code": 1200, "error_subcode": 2018024}, RetryLater),
        (400, {"code": 999, "is_transient": True}, RetryLater),
        (400, {"code": 1, "error_subcode": 1357046}, Uncertain),
        (200, {"code": 551, "error_subcode": 1545041}, Unavailable),
        (400, {"code": 10, "error_subcode": 2018108}, Unavailable),
        (400, {"code": 100, "error_subcode": 33}, Unavailable),
        (400, {"code": 10, "error_subcode": 2018278}, Rejected),
        (403, {"code": 200, "error_subcode": 2534041}, Rejected),
        (400, {"code": 368}, Rejected),
        (400, {"code": [1], "error_subcode": {}}, Rejected),
        (400, None, Rejected),
        (400, "text", Rejected),
    ],
)
def test_graph_codes(status: int, error: Any, kind: type[PlatformError]) -> None:
    assert type(graph(status, error)) is kind


def test_odd_usage_headers_are_harmless() -> None:
    for value in ("", "[]", '{"1": 5}', '{"1": [{"estimated_time_to_regain_access": -1}]}', "{" * 5000):
        found = graph(400, {"code": 4}, {"X-Business-Use-Case-Usage": value})
        assert isinstance(found, RetryLater) and found.after is None


def test_published_answers() -> None:
    """Every error body of the shared folder is told apart without raising, every profile read."""
    kinds = {}
    for path in sorted((require_folder() / "profiles" / "graph").glob("*.json")):
        body = json.loads(path.read_text("utf-8"))
        if "error" in body:
            kinds[path.name] = type(error_of(Answer(400, {}, body)))
        else:
            assert error_of(Answer(200, {}, body)) is None
    assert kinds["chatwoot__100-2018218-no-profile.json"] is Unavailable
    assert kinds["chatwoot__ig-9010-no-matching-user.json"] is Unavailable
    assert kinds["kerox-messenger__send-error.json"] is TokenDead
    assert kinds["pywa__error-test_request_error_raises_whatsapp_error.json"] is RetryLater
