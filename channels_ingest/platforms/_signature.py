"""Constant-time checks of signatures and tokens that never raise, whatever the header holds."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence


def header(headers: Mapping[str, str], name: str) -> str:
    """The value of a header, its name in any case; empty where missing."""
    wanted = name.lower()
    for key, value in headers.items():
        if isinstance(key, str) and key.lower() == wanted and isinstance(value, str):
            return value
    return ""


def same(left: str, right: str) -> bool:
    """Constant time; compares bytes, because compare_digest refuses non-ASCII strings."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def one_of(value: str, valid: Iterable[str]) -> bool:
    """Whether `value` is one of the valid tokens; all are compared, empty ones never match."""
    found = False
    for token in valid:
        found |= bool(token) and same(value, token)
    return found


def signed(body: bytes, signature: str, secrets: Sequence[str], encode: Callable[[bytes], str]) -> bool:
    """Whether `signature` is HMAC-SHA256 of the raw body with any of the secrets (several while rotating)."""
    if not signature:
        return False
    found = False
    for secret in secrets:
        mac = hmac.new(secret.encode("utf-8", "replace"), body, hashlib.sha256).digest()
        found |= bool(secret) and same(signature, encode(mac))
    return found


def hub_form(mac: bytes) -> str:
    """Meta: `sha256=` and lower-case hex (PROTOCOLS 1.3)."""
    return "sha256=" + mac.hex()


def line_form(mac: bytes) -> str:
    """LINE: standard base64, case-sensitive (PROTOCOLS 3.2)."""
    return base64.b64encode(mac).decode("ascii")
