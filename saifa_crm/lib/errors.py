"""Errors for the log: without what they say (it can quote a customer's words or a token), and not once a request."""

from __future__ import annotations

import time
import traceback


def trace(error: BaseException) -> str:
    """Where an error was raised and its class, never its message."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__


class Seldom:
    """Says of something that happens with every request when it is time to log it again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def due(self) -> bool:
        """True at most once in so many seconds; two threads at once may both be told so."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True
