"""A burst of signed posts, sent as platforms do: again whenever there was no answer or none of 2xx, and only then."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from channels_ingest.tests.posts import (
    line_body,
    line_event,
    line_signature,
    meta_signature,
    page_body,
    page_item,
)
from saifa_crm.stack.process import wait_until

PEOPLE = 40
PATIENCE = 5.0  # seconds a platform waits for an answer
PAUSE = 0.05  # seconds before it sends again
PACE = 0.01  # seconds between two deliveries of a thread: a spool takes far more than is drained meanwhile


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery and the ids of its messages."""

    path: str
    body: bytes
    headers: dict[str, str]
    messages: tuple[str, ...]


def line_post(path: str, numbers: range, person: Callable[[int], str], run: str) -> Post:
    ids = tuple(f"{run}L{number}" for number in numbers)
    events = [line_event(person(n), mid, f"ข้อความ {n}") for n, mid in zip(numbers, ids, strict=True)]
    body = json.dumps(line_body(*events)).encode()
    return Post(path, body, {"X-Line-Signature": line_signature(body)}, ids)


def page_post(numbers: range, person: Callable[[int], str], run: str) -> Post:
    ids = tuple(f"{run}P{number}" for number in numbers)
    items = [page_item(person(n), mid, f"message {n}") for n, mid in zip(numbers, ids, strict=True)]
    body = json.dumps(page_body(*items)).encode()
    return Post("/webhooks/facebook/", body, {"X-Hub-Signature-256": meta_signature(body)}, ids)


@dataclass
class Burst:
    """Threads that post until they are told to stop; each then finishes the delivery it is at."""

    port: int
    line_path: str
    run: str
    threads: int = 4
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0  # answers that were not 2xx, and posts without an answer
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _stop: threading.Event = field(default_factory=threading.Event)
    _workers: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Burst:
        self._workers = [threading.Thread(target=self._work) for _ in range(self.threads)]
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        for worker in self._workers:
            worker.join()

    def goes_on(self, messages: int) -> None:
        """Wait until so many more were acknowledged."""
        wanted = len(self.acknowledged) + messages
        assert wait_until(lambda: len(self.acknowledged) >= wanted, seconds=60), "nothing is taken any more"

    def person(self, number: int) -> str:
        """Some people write again and again, every fifth message is somebody new."""
        return f"U{self.run}{number}" if number % 5 == 0 else f"Uknown{number % PEOPLE}"

    def next_post(self) -> Post:
        number = next(self._numbers)
        size = (1, 1, 1, 7)[number % 4]
        numbers = range(number * 10, number * 10 + size)
        if number % 2:
            return line_post(self.line_path, numbers, self.person, self.run)
        return page_post(numbers, self.person, self.run)

    def _work(self) -> None:
        while not self._stop.is_set():
            post = self.next_post()
            while not send(self.port, post):
                self.refused += 1
                self._stop.wait(PAUSE)
            self.acknowledged += post.messages
            self._stop.wait(PACE)


def send(port: int, post: Post) -> bool:
    """Whether the post was acknowledged."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", post.path, post.body, {"Content-Type": "application/json", **post.headers})
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
