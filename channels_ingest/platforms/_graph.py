"""Calls to Meta's Graph API and what its error codes mean (PROTOCOLS 1.6 to 1.8, 2.6, 2.7)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ._http import MAX_WAIT, Answer, TimedOut, call, segment, wait_of
from ._values import identifier, mapping, string
from .base import Client, Connected, Outgoing, PlatformError, Rejected, RetryLater, TokenDead, Unavailable, Uncertain

VERSION = "v25.0"  # used where the configured base URL names none
# 80007 and 13…: WhatsApp's throughput, pair and account limits, and its "try again".
LIMITED = frozenset({4, 17, 32, 613, 80007, 130429, 131048, 131056})
TEMPORARY = frozenset({1, 2, 1200, 131000, 131016, 133004})
SENT_ALTHOUGH = (1, 1357046)  # "reported error although sent"
# Nobody's profile to be had: consent, blocked, phone-only, gone, of another account (PROTOCOLS 1.7).
NO_PROFILE = frozenset({(100, 2018218), (100, 2018247), (100, 2018001), (100, 2534014), (100, 33)})
NO_PROFILE_PERSON = frozenset({(10, 2018108), (551, 1545041), (100, 2534029)})
NO_PROFILE_CODES = frozenset({230, 551, 9010})
# Why a reply was refused (PROTOCOLS 1.7).
REPLY_REASONS = {
    "10/2018278": "window",
    "10/2018065": "window",
    "10/2534022": "window",
    "10/2018108": "blocked",
    "551": "blocked",
    "551/1545041": "blocked",
    "200/1545041": "blocked",
    "100/2534029": "blocked",
    "100/2018001": "gone",
    "100/2534014": "gone",
    "9010": "gone",
    "100/2534037": "control",
    "10/2018300": "control",
    "100/2018300": "control",
    "10/1893063": "policy",
    "368": "policy",
    "10": "permission",
    "200": "permission",
    "200/2534041": "permission",
    "100/33": "permission",
}


def graph(
    client: Client, method: str, path: str, *, params: Mapping[str, str] | None = None, payload: Any = None
) -> dict[str, Any]:
    """The JSON object of a successful call; raises a PlatformError for everything else."""
    query = dict(params or {})
    if client.app_secret:
        query["appsecret_proof"] = proof(client.app_secret, client.token)
    answer = call(client, method, base_of(client) + path, params=query, payload=payload)
    error = error_of(answer)
    if error:
        raise error
    return mapping(answer.body)


def base_of(client: Client) -> str:
    base = client.base_url.rstrip("/")
    return base if re.search(r"/v\d+\.\d+$", base) else f"{base}/{VERSION}"


def proof(app_secret: str, token: str) -> str:
    """appsecret_proof: hex HMAC-SHA256 of the access token (PROTOCOLS 1.8)."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def error_of(answer: Answer) -> PlatformError | None:
    """What went wrong, by code, never by text; None for a success. An error may come with status 200."""
    error = mapping(mapping(answer.body).get("error"))
    if answer.ok and isinstance(answer.body, dict) and "error" not in answer.body:
        return None
    code, sub = _number(error.get("code")), _number(error.get("error_subcode"))
    shown = f"{code}/{sub}" if sub else str(code or answer.status)
    trace = identifier(error.get("fbtrace_id")) or ""
    message = f"graph error {shown}" + (f" trace {trace}" if trace else "")
    if code == 190 or (answer.status == 401 and not code):
        return TokenDead(message, code=shown)
    if (code, sub) == SENT_ALTHOUGH:
        return Uncertain(message, code=shown)
    if code in LIMITED or answer.status == 429:
        wait = wait_of(answer.headers) or _usage_wait(answer.headers)
        return RetryLater(message, code=shown, after=wait, limited=True)
    if (code, sub) in NO_PROFILE | NO_PROFILE_PERSON or code in NO_PROFILE_CODES:
        return Unavailable(message, code=shown)
    if not error and (answer.ok or answer.status >= 500):
        return TimedOut(message, code=shown)  # not Meta's own answer: a gateway stands between, Meta may have acted
    if code in TEMPORARY or error.get("is_transient") is True or answer.status >= 500:
        return RetryLater(message, code=shown, after=wait_of(answer.headers))
    if answer.status == 404 and not code:
        return Unavailable(message, code="404")
    return Rejected(message, code=shown)


def _number(value: Any) -> int:
    text = identifier(value)
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _usage_wait(headers: Mapping[str, str]) -> float | None:
    """Longest estimated_time_to_regain_access (minutes) in X-Business-Use-Case-Usage, in seconds."""
    try:
        usage = json.loads(headers.get("X-Business-Use-Case-Usage", ""))
    except (ValueError, RecursionError):
        return None
    minutes = [0]
    for rows in mapping(usage).values():
        for row in rows if isinstance(rows, list) else []:
            minutes.append(_number(mapping(row).get("estimated_time_to_regain_access")))
    return min(max(minutes) * 60.0, MAX_WAIT) if 0 < max(minutes) < 10**6 else None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whether the account's events are sent to the app, and whether they were not until now (None: not told)."""

    on: bool
    was_off: bool | None


def subscribe(client: Client, account_id: str, *field_lists: str) -> Subscription:
    """Subscribes the account's webhook fields where they are not yet: the first list that is not rejected.

    Fields that are subscribed already are asked for again beside the new ones, because a list replaces the one
    before. Raises TokenDead.
    """
    path = f"/{segment(account_id)}/subscribed_apps"
    have = _subscribed(client, path)
    was_off = None if have is None else not have
    for fields in (fields.split(",") for fields in field_lists):
        if have and have.issuperset(fields):
            return Subscription(True, was_off)
        wanted = [*fields, *sorted((have or set()).difference(fields))]
        try:
            answer = graph(client, "POST", path, params={"subscribed_fields": ",".join(wanted)})
        except TokenDead:
            raise
        except PlatformError:
            continue
        if answer.get("success") is True:
            return Subscription(True, was_off)
    return Subscription(False, was_off)


def subscribed(account: Connected, webhook_url: str, subscription: Subscription) -> Connected:
    """The account with the steps still missing."""
    steps = {"webhook_not_https": webhook_url.startswith("https://"), "subscribe_failed": subscription.on}
    missing = tuple(step for step, done in steps.items() if not done)
    return replace(account, missing=missing, was_off=subscription.was_off is True)


def _subscribed(client: Client, path: str) -> set[str] | None:
    """The fields the app has subscribed; None where that cannot be told: refused, or several apps are listed."""
    try:
        rows = graph(client, "GET", path).get("data")
    except TokenDead:
        raise
    except PlatformError:
        return None
    if not isinstance(rows, list) or len(rows) > 1:
        return None
    fields = mapping(rows[0]).get("subscribed_fields") if rows else []
    return set(map(string, fields)) if isinstance(fields, list) else None


def deliver(client: Client, path: str, payload: dict[str, Any]) -> str:
    """Sends once; returns the platform's message id."""
    return identifier(posted(client, path, payload).get("message_id")) or ""


def posted(client: Client, path: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Sends once; returns the answer. No answer is Uncertain: no idempotency key exists."""
    try:
        return graph(client, "POST", path, payload=payload)
    except TimedOut as error:
        raise Uncertain(str(error), code=error.code) from None
    except Unavailable as error:
        raise Rejected(str(error), code=error.code) from None


def text_message(message: Outgoing) -> dict[str, Any]:
    """The nonce comes back in the echo's metadata, which folds the echo into the reply."""
    return {"text": message.text, "metadata": message.retry_key}


def display_name(answer: dict[str, Any]) -> str:
    """`name`, else first and last name; empty where the platform tells none."""
    name = string(answer.get("name")).strip()
    parts = [string(answer.get(key)).strip() for key in ("first_name", "last_name")]
    return name or " ".join(filter(None, parts))
