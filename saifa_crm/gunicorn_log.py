"""gunicorn's own logger, its error and access lines without secrets (--logger-class saifa_crm.gunicorn_log.Masked)."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from .lib.masking import masked


class _Around(logging.Formatter):
    """Another formatter's line, masked."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return masked(self._inner.format(record))


class Masked(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """The standard logger; paths hold webhook keys and the tokens of invitations."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(_Around(handler.formatter or logging.Formatter()))
