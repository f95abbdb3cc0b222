"""Fetching from outside: https, listed hosts, pinned public address, capped size and time, redirects checked."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3

MAX_REDIRECTS = 3
CHUNK = 64 * 1024
LONGEST_WAIT = 24 * 3600.0

Write = Callable[[bytes], object]


class FetchRefused(Exception):
    """The URL, its host or its address is not allowed; trying again cannot help."""


class TooLarge(FetchRefused):
    """More bytes than the policy allows."""


class FetchFailed(Exception):
    """The other side did not deliver; trying again may help. `status` and Retry-After (seconds) where it answered."""

    def __init__(self, message: str, *, status: int = 0, after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.after = after


class NotWritten(Exception):
    """What was fetched could not be kept: the disk is full or away."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be fetched: hosts (exact, or a suffix that starts with a dot) and exact origins configured by us."""

    hosts: Collection[str] = ()
    origins: Collection[str] = ()  # "http://127.0.0.1:8009": may be plain HTTP and private
    max_bytes: int = 5 * 1024 * 1024
    seconds: float = 15.0


def fetch(url: str, policy: Policy) -> bytes:
    """The body of `url` under the policy. Raises FetchRefused or FetchFailed."""
    body = bytearray()
    fetch_into(url, policy, body.extend)
    return bytes(body)


def fetch_into(url: str, policy: Policy, write: Write, *, headers: Mapping[str, str] | None = None) -> None:
    """Hand the body of `url` to `write`, piece by piece, as it was sent (no decoding).

    `headers` go to the URL's own origin only: a redirect elsewhere does not carry a token along. Raises
    FetchRefused, FetchFailed, or NotWritten where `write` raised OSError; what was written until then is no whole.
    """
    try:
        _follow(url, policy, write, headers or {})
    except ValueError as error:  # urlsplit, its port and the IDNA codec: outsiders choose the URL
        raise FetchRefused("not a URL") from error


def _follow(url: str, policy: Policy, write: Write, headers: Mapping[str, str]) -> None:
    deadline = time.monotonic() + policy.seconds
    first = _origin(urlsplit(url))
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(url)
        trusted = _origin(parts) in policy.origins
        if not trusted:
            _check_url(parts, policy)
        location = _get(parts, trusted, policy, deadline, write, headers if _origin(parts) == first else {})
        if location is None:
            return
        url = urljoin(url, location)
    raise FetchRefused("too many redirects")


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _check_url(parts: SplitResult, policy: Policy) -> None:
    host = (parts.hostname or "").lower().rstrip(".")
    listed = any(host == one or (one.startswith(".") and host.endswith(one)) for one in policy.hosts)
    if parts.scheme != "https" or parts.username or parts.port not in (None, 443) or not listed:
        raise FetchRefused("host is not on the platform's list")


def _public_address(host: str, port: int, trusted: bool) -> str:
    """One address of the host, resolved once and used for the connection, so that DNS cannot change in between."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FetchFailed("host does not resolve") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not trusted and not all(ipaddress.ip_address(address).is_global for address in addresses):
        raise FetchRefused("host resolves to an address that is not public")
    return addresses[0]


def _get(
    parts: SplitResult, trusted: bool, policy: Policy, deadline: float, write: Write, headers: Mapping[str, str]
) -> str | None:
    """Write the body of one URL; answers where it redirects to instead, if it does."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _public_address(host, port, trusted)
    timeout = urllib3.Timeout(connect=3.05, read=max(0.1, deadline - time.monotonic()))
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, retries=False, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    sent = {**headers, "Host": parts.netloc}
    try:
        response = pool.request("GET", path, headers=sent, preload_content=False, redirect=False)
        try:
            if response.status in (301, 302, 303, 307, 308):
                return response.headers.get("Location", "")
            if response.status != 200:
                raise FetchFailed(f"status {response.status}", status=response.status, after=_wait(response))
            _read_capped(response, policy.max_bytes, deadline, write)
            return None
        finally:
            response.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise FetchFailed(type(error).__name__) from error
    finally:
        pool.close()


def _wait(response: urllib3.BaseHTTPResponse) -> float | None:
    """Seconds in Retry-After, where it is a number."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _read_capped(response: urllib3.BaseHTTPResponse, max_bytes: int, deadline: float, write: Write) -> None:
    told = response.headers.get("Content-Length", "")
    if told.isascii() and told.isdigit() and int(told[:20]) > max_bytes:
        raise TooLarge("larger than allowed")
    count = 0
    # read1 gives what has arrived: a server that drips is cut at the deadline, not when a piece is full.
    while chunk := response.read1(CHUNK, decode_content=False):
        count += len(chunk)
        if count > max_bytes:
            raise TooLarge("larger than allowed")
        try:
            write(chunk)
        except OSError as error:
            raise NotWritten(type(error).__name__) from error
        if time.monotonic() > deadline:
            raise FetchFailed("took too long")
