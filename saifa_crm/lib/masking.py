"""Secrets kept out of logs and error reports, wherever in a line they stand: keys in paths, tokens in URLs."""

from __future__ import annotations

import logging
import re
from typing import Any

MASK = "***"
SECRETS = re.compile(
    r"""
      (?<=/webhooks/line/)[^/\s"'?]+
    | (?<=/webhooks/telegram/)[^/\s"'?]+
    | (?<=/invite/)[^/\s"'?]+
    | (?<=/bot)\d+(?::|%3A)[\w-]+                       # Telegram's API: the token is part of the path
    | (?<=://)(?P<user>[^/\s:@]*):[^/\s@]+(?=@)          # user:password@host
    | (?P<name>\b(?:\w+[._])?(?:token|secret|proof|signed_request|password)\b["']?\s*[=:]\s*["']?)[^&\s"',;)}\]]+
    | (?P<bearer>\bBearer\s+)[^\s"']+
    """,
    re.VERBOSE | re.IGNORECASE,
)


def masked(text: str) -> str:
    """The text with every secret in it replaced by ***."""
    return SECRETS.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    user = f"{found['user']}:" if found["user"] is not None else ""
    return f"{user}{found['name'] or ''}{found['bearer'] or ''}{MASK}"


def masked_tree(value: Any) -> Any:
    """The same for every text in lists and dicts, as an error report holds them."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: masked_tree(one) for key, one in value.items()}
    return [masked_tree(one) for one in value] if isinstance(value, list | tuple) else value


class MaskingFormatter(logging.Formatter):
    """A line as the format says, its traceback included, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class NotWebhookAnswers(logging.Filter):
    """Leaves out that a webhook was answered 4xx or 503: anybody can cause that, and it is counted elsewhere."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return record.exc_info is not None or not str(path).startswith("/webhooks/")
