"""Decrypted secrets of this process, refreshed within 30 s, so that a signature costs no database access."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from .models import KEYED, Connection, ConnectionState, MetaCredential

MAX_AGE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class KeyedChannel:
    """What the key in a webhook's URL stands for."""

    channel_id: int
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All secrets at one moment (`loaded_at` on the monotonic clock)."""

    keyed: dict[tuple[str, str], KeyedChannel] = field(default_factory=dict)  # by platform and key
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
            keyed = {
                (connection.channel.platform, connection.webhook_key): KeyedChannel(
                    connection.channel_id, tuple(connection.secrets)
                )
                for connection in Connection.objects.filter(channel__platform__in=KEYED)
                .exclude(state=ConnectionState.DISCONNECTED)
                .select_related("channel")
            }
            credentials = list(MetaCredential.objects.order_by("-id"))
            kind = MetaCredential.Kind
            self._snapshot = Snapshot(
                keyed=keyed,
                app_secrets=tuple(c.value for c in credentials if c.kind == kind.APP_SECRET),
                verify_tokens=tuple(c.value for c in credentials if c.kind == kind.VERIFY_TOKEN),
                loaded_at=time.monotonic(),
            )
            return self._snapshot

    def forget(self) -> None:
        """Drop the copy; the next use reads again."""
        self._snapshot = None


store = SecretStore()
