"""Errors for the log without what they say: a database's message can quote a customer's words or a token."""

from __future__ import annotations

import traceback


def trace(error: BaseException) -> str:
    """Where an error was raised and its class, never its message."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__
