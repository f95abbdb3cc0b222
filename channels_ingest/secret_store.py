"""Decrypted secrets of this process, refreshed within 30 s, so that a signature costs no database access."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from .models import Connection, ConnectionState, MetaCredential

MAX_AGE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class LineKey:
    """What a LINE webhook key stands for."""

    channel_id: int
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All secrets at one moment (`loaded_at` on the monotonic clock)."""

    line: dict[str, LineKey] = field(default_factory=dict)
    app_secrets: tuple[str, ...] = ()
    verify_tokens: tuple[str, ...] = ()
    loaded_at: float = 0.0


class SecretStore:
    """One a process; `fresh()` re-reads where a secret may just have been added."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    def current(self) -> Snapshot:
        """Secrets no older than MAX_AGE; raises a database error where they are not at hand."""
        snapshot = self._snapshot
        if snapshot is None or time.monotonic() - snapshot.loaded_at > MAX_AGE:
            return self.fresh()
        return snapshot

    def fresh(self) -> Snapshot:
        """Read now."""
        with self._lock:
            line = {
                connection.webhook_key: LineKey(connection.channel_id, tuple(connection.secrets))
                for connection in Connection.objects.filter(channel__platform="line").exclude(
                    state=ConnectionState.DISCONNECTED
                )
            }
            credentials = list(MetaCredential.objects.order_by("-id"))
            kind = MetaCredential.Kind
            self._snapshot = Snapshot(
                line=line,
                app_secrets=tuple(c.value for c in credentials if c.kind == kind.APP_SECRET),
                verify_tokens=tuple(c.value for c in credentials if c.kind == kind.VERIFY_TOKEN),
                loaded_at=time.monotonic(),
            )
            return self._snapshot

    def forget(self) -> None:
        """Drop the copy; the next use reads again."""
        self._snapshot = None


store = SecretStore()
