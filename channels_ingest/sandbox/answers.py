"""What an answer of the sandbox is, and the documented error bodies (PROTOCOLS 1.7, 3.6, 3.8)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a body and headers."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(data: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(data, ensure_ascii=False).encode(), headers=named)


def graph_error(code: int, message: str, *, sub: int = 0, status: int = 400, **headers: str) -> Reply:
    error: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    if sub:
        error["error_subcode"] = sub
    return as_json({"error": error | {"fbtrace_id": "ASandboxTrace"}}, status, **headers)


GRAPH_ERRORS = {
    "dead": graph_error(190, "Error validating access token: Session has expired", sub=463, status=401),
    "limited": graph_error(
        4,
        "Application request limit reached",
        status=403,
        X_Business_Use_Case_Usage='{"100000000000001":[{"type":"messenger","estimated_time_to_regain_access":1}]}',
    ),
    "429": graph_error(613, "Calls to this API have exceeded the rate limit", status=429, Retry_After="2"),
    "500": graph_error(2, "Service temporarily unavailable", status=500),
    "empty": as_json({}),
    "2018218": graph_error(100, "No profile available for this user.", sub=2018218),
    "230": graph_error(230, "User consent is required to access user profile", status=403),
    "9010": graph_error(9010, "No matching Instagram user"),
    "404": graph_error(100, "No matching user found", sub=2018001),
    "131047": graph_error(131047, "Re-engagement message: more than 24 hours have passed"),
    "not_json": Reply(200, b"<html>gateway</html>", "text/html"),
}

LINE_ERRORS = {
    "dead": as_json({"message": "Authentication failed. Confirm that the access token is valid."}, 401),
    "limited": as_json({"message": "You have reached your monthly limit."}, 429),
    "429": as_json({"message": "Too Many Requests"}, 429, Retry_After="2"),
    "500": as_json({"message": "Internal server error"}, 500),
    "empty": as_json({}),
    "404": as_json({"message": "Not found"}, 404),
    "not_json": Reply(200, b"<html>gateway</html>", "text/html"),
}


def telegram_error(status: int, description: str, **parameters: int) -> Reply:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return as_json(body | ({"parameters": parameters} if parameters else {}), status)


TELEGRAM_ERRORS = {
    "dead": telegram_error(401, "Unauthorized"),
    "403": telegram_error(403, "Forbidden: bot was blocked by the user"),
    "404": telegram_error(400, "Bad Request: chat not found"),
    "429": telegram_error(429, "Too Many Requests: retry after 2", retry_after=2),
    "500": telegram_error(500, "Internal Server Error"),
    "empty": as_json({"ok": True, "result": {}}),
    "not_json": Reply(200, b"<html>gateway</html>", "text/html"),
}
