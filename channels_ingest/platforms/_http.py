"""One careful way to call a platform's HTTP API: time-outs, no redirects, a size cap, no token in any URL."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from .base import Client, Rejected, RetryLater, TokenDead

MAX_BYTES = 1_000_000  # an answer is a few hundred bytes; a megabyte is already somebody's mistake
MAX_SECONDS = 20.0  # in all: the read time-out alone would let a server drip for ever
MAX_WAIT = 24 * 3600.0


class Bearer(AuthBase):
    """`Authorization: Bearer`; as an auth object, so that a .netrc on the machine cannot replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Nothing(AuthBase):
    """No `Authorization` at all, whatever a .netrc on the machine holds."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (any case) and decoded JSON; `body` is None where the answer is not JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class TimedOut(RetryLater):
    """The request may have arrived: no answer came back."""


def call(
    client: Client,
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    payload: Any = None,
    headers: Mapping[str, str] | None = None,
    in_header: bool = True,
) -> Answer:
    """One request. No answer raises RetryLater (TimedOut where it may have arrived), a redirect Rejected.

    `in_header`: false where the token is part of the path (Telegram) or a parameter (a renewal of Instagram's); no
    error ever holds the address.
    """
    token = _sendable(client.token)
    try:
        with requests.request(
            method,
            url,
            params=params,
            json=payload,
            headers=headers,
            auth=Bearer(token) if in_header else Nothing(),
            timeout=client.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            if 300 <= response.status_code < 400:
                raise Rejected("redirected", code=str(response.status_code))
            return Answer(response.status_code, response.headers, _decoded(_read(response)))
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
    ):
        raise Rejected("not an address", code="bad_url") from None
    except requests.exceptions.RequestException as error:
        kind = RetryLater if _never_left(error) else TimedOut
        raise kind("no answer", code=type(error).__name__) from None


def _never_left(error: requests.exceptions.RequestException) -> bool:
    """Whether no connection came about at all, so that the platform cannot have acted on the request."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _read(response: requests.Response) -> bytes:
    deadline = time.monotonic() + MAX_SECONDS
    kept = bytearray()
    for chunk in response.iter_content(16_384):
        kept += chunk
        if len(kept) > MAX_BYTES:
            raise Rejected("answer too large", code="too_large")
        if time.monotonic() > deadline:
            raise TimedOut("answer too slow", code="too_slow")
    return bytes(kept)


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def segment(value: str) -> str:
    """An id as one path segment; `.` and `..` would be resolved away on the road."""
    if value in ("", ".", ".."):
        raise Rejected("not an id", code="bad_id")
    return quote(value, safe="")


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of a configured base URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def bearer(token: str) -> dict[str, str]:
    """The header that a download carries where the platform wants its token."""
    return {"Authorization": f"Bearer {_sendable(token)}"}


def _sendable(token: str) -> str:
    if not token:
        raise TokenDead("no token", code="no_token")
    if not token.isascii() or not token.isprintable():
        raise Rejected("the token holds characters no token has", code="bad_token")
    return token


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Seconds in Retry-After, where it is a number."""
    value = headers.get("Retry-After", "")
    return min(float(value), MAX_WAIT) if value.isascii() and value.isdigit() and len(value) < 10 else None
