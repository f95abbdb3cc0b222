"""Signed Messenger deliveries, each event with a message id of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from .load import request

PAGE = "700100"
SECRET = "bench-app-secret"  # noqa: S105 of a scratch database
PEOPLE = 500
START = 1_790_000_000_000  # milliseconds


def item(number: int, run: str) -> dict[str, Any]:
    """A text message of one of PEOPLE people."""
    return {
        "sender": {"id": str(10_000_000_000 + number % PEOPLE)},
        "recipient": {"id": PAGE},
        "timestamp": START + number,
        "message": {"mid": f"m_{run}_{number}", "text": f"สวัสดีค่ะ สนใจสินค้า {number}"},
    }


def body(numbers: range, run: str) -> bytes:
    """One delivery."""
    items = [item(number, run) for number in numbers]
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "time": START, "messaging": items}]}).encode()


def posts(port: int, count: int, *, run: str, size: int = 1) -> list[bytes]:
    """`count` ready requests of `size` events each."""
    made = []
    for first in range(0, count * size, size):
        raw = body(range(first, first + size), run)
        mac = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        made.append(request(port, "/webhooks/facebook/", raw, {"X-Hub-Signature-256": f"sha256={mac}"}))
    return made
