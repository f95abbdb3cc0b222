"""A small HTTP load generator: one thread, keep-alive connections, requests made before the clock starts.

Costs about 40 µs a request, so that on a machine shared with the server it measures the server (`ceiling`).
"""

from __future__ import annotations

import collections
import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200"


@dataclass(slots=True)
class Result:
    """What a run saw: its wall time and each request's time to the answer, in seconds."""

    wall: float = 0.0
    waits: list[float] = field(default_factory=list)
    refused: int = 0  # answers other than 200

    @property
    def rate(self) -> float:
        """Acknowledged requests a second."""
        return (len(self.waits) - self.refused) / self.wall

    def percentile(self, share: float) -> float:
        """Seconds within which `share` of the requests were answered."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))]


def request(port: int, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of one POST."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


class _Line:
    """A kept-alive connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.left = b""

    def answer(self) -> bytes | None:
        """The head of a complete answer, None while it is still coming."""
        self.left += self.socket.recv(65536)
        head, separator, body = self.left.partition(b"\r\n\r\n")
        if not separator:
            if not self.left:
                raise ConnectionError("the server closed the connection")
            return None
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        end = lower.find(b"\r", start)
        if len(body) < int(lower[start : end if end > 0 else None]):
            return None
        self.left = b""
        return head


def run(port: int, requests: Sequence[bytes], *, connections: int, rate: float | None = None) -> Result:
    """Send every request once. Without `rate` as fast as answers come (closed loop).

    With `rate` each has its moment, and its wait counts from that moment whether a connection was free or not (open
    loop): a server that stalls cannot hide it by slowing the sender.
    """
    result = Result()
    idle = collections.deque(_Line(port) for _ in range(connections))
    every = list(idle)
    begin = time.perf_counter()
    due = collections.deque((begin + n / rate if rate else begin, one) for n, one in enumerate(requests))
    with selectors.DefaultSelector() as selector:
        for line in every:
            selector.register(line.socket, selectors.EVENT_READ, line)
        while due or len(idle) < connections:
            now = time.perf_counter()
            while due and idle and due[0][0] <= now:
                at, payload = due.popleft()
                line = idle.popleft()
                line.since = at if rate else now
                line.socket.sendall(payload)
            pause = max(0.0, due[0][0] - time.perf_counter()) if due and idle else None
            for key, _ in selector.select(pause):
                head = key.data.answer()
                if head is not None:
                    result.waits.append(time.perf_counter() - key.data.since)
                    result.refused += not head.startswith(OK)
                    idle.append(key.data)
    result.wall = time.perf_counter() - begin
    for line in every:
        line.socket.close()
    return result


def _echo(server: socket.socket) -> None:
    """Answers everything at once and reads nothing of it: the quickest server there can be in this language."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is server:
                    selector.register(server.accept()[0], selectors.EVENT_READ)
                elif isinstance(key.fileobj, socket.socket):
                    if key.fileobj.recv(1 << 20):
                        key.fileobj.sendall(answer)
                    else:
                        selector.unregister(key.fileobj)


@contextmanager
def _echo_server() -> Iterator[int]:
    server = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(target=_echo, args=(server,), daemon=True)
    process.start()
    try:
        yield server.getsockname()[1]
    finally:
        process.kill()
        process.join()
        server.close()


def ceiling(requests: Sequence[bytes], *, connections: int) -> float:
    """Requests a second this client reaches against a server that does nothing."""
    with _echo_server() as port:
        return run(port, requests, connections=connections).rate
