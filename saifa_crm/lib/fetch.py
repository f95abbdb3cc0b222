"""Fetching from outside: https, listed hosts, pinned public address, capped size and time, redirects checked."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3

MAX_REDIRECTS = 3


class FetchRefused(Exception):
    """The URL, its host, its address or its size is not allowed; trying again cannot help."""


class FetchFailed(Exception):
    """The other side did not deliver (status, time-out, connection); trying again may help."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be fetched: hosts (exact, or a suffix that starts with a dot) and exact origins configured by us."""

    hosts: Collection[str] = ()
    origins: Collection[str] = ()  # "http://127.0.0.1:8009": may be plain HTTP and private
    max_bytes: int = 5 * 1024 * 1024
    seconds: float = 15.0


def fetch(url: str, policy: Policy) -> bytes:
    """The body of `url` under the policy. Raises FetchRefused or FetchFailed."""
    try:
        return _follow(url, policy)
    except ValueError as error:  # urlsplit, its port and the IDNA codec: outsiders choose the URL
        raise FetchRefused("not a URL") from error


def _follow(url: str, policy: Policy) -> bytes:
    deadline = time.monotonic() + policy.seconds
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(url)
        trusted = _origin(parts) in policy.origins
        if not trusted:
            _check_url(parts, policy)
        status, location, body = _get(parts, trusted, policy, deadline)
        if location is None:
            if status != 200:
                raise FetchFailed(f"status {status}")
            return body
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


def _get(parts: SplitResult, trusted: bool, policy: Policy, deadline: float) -> tuple[int, str | None, bytes]:
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
    try:
        response = pool.request("GET", path, headers={"Host": parts.netloc}, preload_content=False, redirect=False)
        try:
            if response.status in (301, 302, 303, 307, 308):
                return response.status, response.headers.get("Location", ""), b""
            return response.status, None, _read_capped(response, policy.max_bytes, deadline)
        finally:
            response.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise FetchFailed(type(error).__name__) from error
    finally:
        pool.close()


def _read_capped(response: urllib3.BaseHTTPResponse, max_bytes: int, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.stream(64 * 1024):
        body += chunk
        if len(body) > max_bytes:
            raise FetchRefused("larger than allowed")
        if time.monotonic() > deadline:
            raise FetchFailed("took too long")
    return bytes(body)
