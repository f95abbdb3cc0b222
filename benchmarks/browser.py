"""A signed-in person's requests to the running web server, over one kept-alive connection."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client

from saifa_crm.access import Role

PIECE = 1 << 16


def bench_owner() -> User:
    """An owner who cannot sign in."""
    owner, made = User.objects.get_or_create(username="benchmark-owner")
    if made:
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
        owner.groups.add(Group.objects.get_or_create(name=Role.OWNER.value)[0])
    return owner


def signed_in_client() -> Client:
    """Django's own client, for what is counted rather than timed."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(bench_owner())
    return client


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; times in seconds from the request's first byte sent. `head` is the body's beginning."""

    status: int
    first_byte: float
    seconds: float
    size: int
    head: bytes


class Browser:
    """Requests one after another; the session is made here, the server has the same database and key."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = (
            f"{settings.SESSION_COOKIE_NAME}={signed_in_client().cookies[settings.SESSION_COOKIE_NAME].value}"
        )
        self._line = http.client.HTTPConnection("127.0.0.1", port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def get(self, path: str, *, keep: int = 1 << 22) -> Answer:
        """Read the whole answer, keep its first bytes."""
        try:
            return self._get(path, keep)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._line.close()  # idle for too long; it connects anew
            return self._get(path, keep)

    def _get(self, path: str, keep: int) -> Answer:
        start = time.perf_counter()
        self._line.request("GET", path, headers={"Cookie": self._cookie, "Host": f"127.0.0.1:{self._port}"})
        answer = self._line.getresponse()
        pieces, size = [answer.read(1)], 1
        first_byte = time.perf_counter() - start
        while piece := answer.read(PIECE):
            if size < keep:
                pieces.append(piece)
            size += len(piece)
        return Answer(answer.status, first_byte, time.perf_counter() - start, size, b"".join(pieces))
