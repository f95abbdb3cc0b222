"""The sandbox's HTTP server: routes by path to the platforms' stand-ins and to its own few pages.

`/v2/bot/...` is LINE, `/bot<token>/...` Telegram; everything else is Graph: WhatsApp by what only it is asked,
Instagram where the path starts with `/instagram`, a `username` is asked for or a token renewed, else Facebook. Base
URLs may therefore be the server's own address for all platforms, or carry the platform's name as the path's first part.

Its own pages: POST /sandbox/people, GET /sandbox/calls, GET /pictures/<platform>/<id>.png, and GET /cdn/<name>,
which stands for Meta's content hosts: what a name holds is in content.py, and one that holds `gone` has expired.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from . import graph, line_api, telegram_api
from .answers import Reply, as_json
from .content import content
from .directory import PLATFORMS, Call, Directory
from .pictures import picture

MAX_BODY = 16_000_000
MAX_CALLS = 10_000  # kept for tests
_PREFIX = re.compile(rf"^/({'|'.join(PLATFORMS)})(?=/)")
_PICTURE = re.compile(r"/pictures/([a-z]+)/([^/]+)\.png")


class Sandbox(ThreadingHTTPServer):
    """Serves one Directory; `url` is its address."""

    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1", port: int = 0, directory: Directory | None = None) -> None:
        super().__init__((host, port), Handler)
        self.directory = directory or Directory()

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Reads a request, answers it, and never logs a token."""

    server: Sandbox
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        return

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            self._write(as_json({"message": "too large"}, 413))
            return
        self._write(self._answer(self.rfile.read(int(length))))

    def _answer(self, body: bytes) -> Reply:
        parts = urlsplit(self.path)
        directory = self.server.directory
        try:
            payload = json.loads(body) if body else None
        except ValueError:
            return as_json({"message": "The request body is not JSON"}, 400)
        if parts.path.startswith(("/sandbox/", "/pictures/", "/cdn/")):
            return _own_page(directory, self.command, parts.path, payload)
        prefix = _PREFIX.match(parts.path)
        path = parts.path[prefix.end() :] if prefix else parts.path
        if self.command == "GET" and (file := telegram_api.content(path)):
            return file
        bot = telegram_api.PATH.fullmatch(path)
        query = dict(parse_qsl(parts.query))
        token = query.pop("access_token", "") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(
            self.command,
            bot[2] if bot else path,
            query,
            bot[1] if bot else token,
            payload,
            {name.lower(): value for name, value in self.headers.items() if name.lower() != "authorization"},
        )
        with directory.lock:
            directory.calls.append(call)
            del directory.calls[:-MAX_CALLS]
        origin = f"http://{self.headers.get('Host') or urlsplit(self.server.url).netloc}"
        if bot:
            return telegram_api.answer(directory, call)
        if path.startswith("/v2/bot/"):
            return line_api.answer(directory, call, origin)
        is_instagram = path == graph.REFRESH or "username" in call.query.get("fields", "").split(",")
        platform = prefix[1] if prefix else "instagram" if is_instagram else "facebook"
        return graph.answer(directory, call, platform, origin)

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)


def _own_page(directory: Directory, method: str, path: str, payload: Any) -> Reply:
    if (method, path) == ("POST", "/sandbox/people"):
        try:
            return as_json({"people": directory.load(payload)})
        except (ValueError, TypeError, AttributeError) as error:
            return as_json({"message": str(error)}, 400)
    if (method, path) == ("GET", "/sandbox/calls"):
        return as_json([{**asdict(call), "token": "…"} for call in list(directory.calls)])
    found = _PICTURE.fullmatch(unquote(path))
    if method == "GET" and found and found[1] in PLATFORMS:
        return Reply(200, picture(found[1], found[2]), "image/png")
    if method == "GET" and path.startswith("/cdn/"):
        return Reply(403, b"URL signature expired", "text/plain") if "gone" in path else Reply(200, *content(path))
    return as_json({"message": "Not found"}, 404)


@contextmanager
def running(directory: Directory | None = None) -> Iterator[Sandbox]:
    """A sandbox on a free port of this machine, for the length of a `with` block."""
    with Sandbox(directory=directory) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
