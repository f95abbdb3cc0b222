"""Meta's `signed_request`, as its privacy callbacks carry it (PROTOCOLS 7)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from . import _signature
from ._values import mapping

MAX_LENGTH = 16_384  # characters; a real one has some hundred


def read(signed_request: str, secrets: Sequence[str]) -> dict[str, Any] | None:
    """The payload where the signature is right, else None: nothing is decoded before.

    The HMAC is over the *encoded* payload. Padding and alphabet vary: both base64 alphabets are taken.
    """
    signature, dot, payload = signed_request.partition(".")
    if not dot or len(signed_request) > MAX_LENGTH or not signed_request.isascii():
        return None
    sent = _decoded(signature)
    if sent is None or not _signature.signed(payload.encode(), sent.hex(), secrets, bytes.hex):
        return None
    content = _decoded(payload)
    try:
        return mapping(json.loads(content)) if content is not None else None
    except (ValueError, RecursionError):
        return None


def _decoded(text: str) -> bytes | None:
    bare = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
