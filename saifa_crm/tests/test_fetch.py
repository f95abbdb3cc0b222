"""Fetching from outside: what a token is sent to, redirects, caps and servers that drip."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from saifa_crm.lib.fetch import FetchFailed, FetchRefused, NotWritten, Policy, TooLarge, fetch, fetch_into

TOKEN = {"Authorization": "Bearer secret"}


def here(server: HTTPServer) -> str:
    return server.url_for("").rstrip("/")


def taken(url: str, policy: Policy, headers: dict[str, str] | None = None) -> bytes:
    body = bytearray()
    fetch_into(url, policy, body.extend, headers=headers)
    return bytes(body)


@contextmanager
def raw_server(*pieces: bytes, gap: float = 0.0) -> Iterator[str]:
    """Answers one request with exactly these bytes, `gap` seconds between them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(gap)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


def test_a_token_goes_to_its_own_origin(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a", headers=TOKEN).respond_with_data("", 302, headers={"Location": "/b"})
    httpserver.expect_request("/b", headers=TOKEN).respond_with_data("body")
    assert taken(httpserver.url_for("/a"), Policy(origins=(here(httpserver),)), TOKEN) == b"body"


def test_a_token_does_not_follow_to_another_host(httpserver: HTTPServer) -> None:
    with HTTPServer() as other:
        other.expect_request("/b").respond_with_data("body")
        httpserver.expect_request("/a").respond_with_data("", 302, headers={"Location": other.url_for("/b")})
        policy = Policy(origins=(here(httpserver), here(other)))
        assert taken(httpserver.url_for("/a"), policy, TOKEN) == b"body"
        assert httpserver.log[0][0].headers["Authorization"] == "Bearer secret"
        assert "Authorization" not in other.log[0][0].headers


@pytest.mark.parametrize("status", [202, 204, 304, 404, 500])
def test_status_is_told(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/a").respond_with_data("", status, headers={"Retry-After": "7"})
    with pytest.raises(FetchFailed) as caught:
        taken(httpserver.url_for("/a"), Policy(origins=(here(httpserver),)))
    assert (caught.value.status, caught.value.after) == (status, 7.0)


def test_redirects_end(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_data("", 302, headers={"Location": "/a"})
    with pytest.raises(FetchRefused):
        fetch(httpserver.url_for("/a"), Policy(origins=(here(httpserver),)))
    assert len(httpserver.log) == 4


@pytest.mark.parametrize(
    "url",
    [
        "http://a.fbcdn.net/x",
        "https://a.fbcdn.net:8443/x",
        "https://user:pw@a.fbcdn.net/x",
        "https://fbcdn.net.evil.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "ftp://a.fbcdn.net/x",
        "https://[/x",
        "",
    ],
)
def test_only_listed_hosts_over_https(url: str) -> None:
    with pytest.raises(FetchRefused):
        fetch(url, Policy((".fbcdn.net",)))


def test_a_told_length_is_believed_when_it_is_too_large(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_data(b"x" * 101)
    with pytest.raises(TooLarge):
        fetch(httpserver.url_for("/a"), Policy(origins=(here(httpserver),), max_bytes=100))
    assert len(fetch(httpserver.url_for("/a"), Policy(origins=(here(httpserver),), max_bytes=101))) == 101


def test_an_untold_length_is_counted() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with raw_server(head, *[b"64\r\n" + b"x" * 100 + b"\r\n"] * 3, b"0\r\n\r\n") as url:
        assert fetch(f"{url}/", Policy(origins=(url,))) == b"x" * 300
    with raw_server(head, *[b"64\r\n" + b"x" * 100 + b"\r\n"] * 3, b"0\r\n\r\n") as url, pytest.raises(TooLarge):
        fetch(f"{url}/", Policy(origins=(url,), max_bytes=250))


def test_half_a_body_is_a_failure() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as url, pytest.raises(FetchFailed):
        fetch(f"{url}/", Policy(origins=(url,)))


def test_a_server_that_drips_is_cut_at_the_deadline() -> None:
    began = time.monotonic()
    with raw_server(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 100, gap=0.1) as url, pytest.raises(FetchFailed):
        fetch(f"{url}/", Policy(origins=(url,), seconds=0.4))
    assert time.monotonic() - began < 4


def test_a_body_is_taken_as_it_was_sent() -> None:
    """Unasked compression is not undone: a few bytes could unfold to gigabytes."""
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8bx") as url:
        assert fetch(f"{url}/", Policy(origins=(url,))) == b"\x1f\x8bx"


def test_a_full_disk_is_no_fault_of_the_other_side(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_data("body")

    def full(piece: bytes) -> None:
        raise OSError("no space left on device")

    with pytest.raises(NotWritten):
        fetch_into(httpserver.url_for("/a"), Policy(origins=(here(httpserver),)), full)


def test_the_host_is_named_and_the_query_kept(httpserver: HTTPServer) -> None:
    def look(request: Request) -> Response:
        return Response(f"{request.host} {request.query_string.decode()}")

    httpserver.expect_request("/a").respond_with_handler(look)
    said = fetch(httpserver.url_for("/a?oh=1&oe=%2F"), Policy(origins=(here(httpserver),))).decode()
    assert said == f"localhost:{httpserver.port} oh=1&oe=%2F"
