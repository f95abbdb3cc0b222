"""How a parser gives one event up without losing its neighbours."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from .events import AnyEvent, StrayEvent

logger = logging.getLogger(__name__)


class Stray(Exception):
    """This event is not applied: the reason and kind of its StrayEvent."""

    def __init__(self, reason: str, kind: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


def unreadable(kind: str = "") -> Stray:
    return Stray("unreadable", kind)


def guarded(read: Callable[[], AnyEvent], account_id: str, raw: Any, about: tuple[str, str]) -> AnyEvent:
    """The event that `read` returns, or a stray in its place; `about`: its person and message, if known."""
    try:
        return read()
    except Stray as stray:
        return StrayEvent(account_id, raw, stray.reason, stray.kind, *about)
    except Exception as error:  # a fault of ours: the delivery's other events still count, this one is kept
        logger.error("parser fault: %s", type(error).__name__)
        return StrayEvent(account_id, raw, "unreadable", "parser_fault", *about)
