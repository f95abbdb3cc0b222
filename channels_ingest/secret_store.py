"""Decrypted secrets of this process, refreshed within 30 s, so that a signature costs no database access.

While the database is away what was read last goes on serving, however long that takes; a process that has read
nothing yet has no secrets at hand, and says so by a database error (the webhooks answer 503).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import Error, OperationalError, connection
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from saifa_crm.lib.circuit import circuit, is_away
from saifa_crm.lib.time_limit import time_limit

from .encryption import unseal
from .models import KEYED, Connection, ConnectionState, MetaCredential

logger = logging.getLogger(__name__)
_said: set[tuple[str, Any]] = set()  # rows this process has called unreadable: it reads them every 30 s
MAX_AGE = 30.0  # seconds
READ_SECONDS = 1.0  # two short queries: longer means that the database is not well
SECOND_LOOKS = 3  # at most so many at once, then one a second: posts that nobody signed cost no more than that


@dataclass(frozen=True, slots=True)
class KeyedChannel:
    """What the key in a webhook's URL stands for."""

    channel_id: int
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All secrets at one moment (`loaded_at` on the monotonic clock, when their reading began)."""

    # By platform and key.
    keyed: dict[tuple[str, str], KeyedChannel] = field(default_factory=dict, repr=False)
    app_secrets: tuple[str, ...] = field(default=(), repr=False)
    verify_tokens: tuple[str, ...] = field(default=(), repr=False)
    loaded_at: float = 0.0


class SecretStore:
    """One a process; `fresh()` reads again where a secret may just have been added."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._reading = threading.Lock()
        self._changes = 0  # times that forget() was called
        self._changes_read = 0
        self._looks = float(SECOND_LOOKS)
        self._looked_at = time.monotonic()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read yet."""
        return self._snapshot is None

    def current(self) -> Snapshot:
        """Secrets no older than MAX_AGE, or than the database's going away. A database error where none are held."""
        snapshot = self._snapshot
        if snapshot is None:
            return self._read(asked_at=time.monotonic())
        outdated = self._changes != self._changes_read
        if outdated or time.monotonic() - snapshot.loaded_at > MAX_AGE:
            # One thread reads; the others go on with what is there, unless it is known to have changed.
            if circuit.is_open or (self._reading.locked() and not outdated):
                return snapshot
            try:
                return self._read(asked_at=time.monotonic())
            except Error:
                return snapshot
        return snapshot

    def fresh(self) -> Snapshot:
        """A second look, where a key or a signature was not known; what is there where too many were taken.

        Raises a database error where the database is away: the secret may be one that was added just before.
        """
        if circuit.is_open:
            raise OperationalError("the database is away")
        snapshot = self._snapshot
        if snapshot is not None and self._changes == self._changes_read and not self._may_look():
            return snapshot
        return self._read(asked_at=time.monotonic())

    def forget(self) -> None:
        """A secret was changed here: the next use reads again."""
        self._changes += 1
        self._looks = float(SECOND_LOOKS)

    def _may_look(self) -> bool:
        with self._reading:
            now = time.monotonic()
            self._looks = min(float(SECOND_LOOKS), self._looks + now - self._looked_at)
            self._looked_at = now
            if self._looks < 1:
                return False
            self._looks -= 1
            return True

    def _read(self, *, asked_at: float) -> Snapshot:
        """Read now, or take what another thread began to read after `asked_at`."""
        with self._reading:
            snapshot, changes = self._snapshot, self._changes
            if snapshot is not None and snapshot.loaded_at > asked_at and changes == self._changes_read:
                return snapshot
            try:
                with time_limit(connection, READ_SECONDS):
                    self._snapshot = _load()
            except Error as error:
                if is_away(error):
                    circuit.trip()
                raise
            self._changes_read = changes
            return self._snapshot


def _load() -> Snapshot:
    """Two queries. A row that no key decrypts is left out: the others go on."""
    began = time.monotonic()
    connected = Connection.objects.filter(channel__platform__in=KEYED).exclude(state=ConnectionState.DISCONNECTED)
    keyed = {
        (platform, key): KeyedChannel(channel_id, tuple(secrets))
        for (platform, key, channel_id), secrets in _unsealed(
            connected, "secrets", "channel__platform", "webhook_key", "channel_id"
        )
    }
    credentials = list(_unsealed(MetaCredential.objects.order_by("-id"), "value", "kind"))
    kinds = MetaCredential.Kind
    return Snapshot(
        keyed=keyed,
        app_secrets=tuple(value for (kind,), value in credentials if kind == kinds.APP_SECRET),
        verify_tokens=tuple(value for (kind,), value in credentials if kind == kinds.VERIFY_TOKEN),
        loaded_at=began,
    )


def _unsealed(rows: QuerySet[Any], sealed: str, *fields: str) -> list[tuple[tuple[Any, ...], Any]]:
    """(`fields`, decrypted value) of every row that can be decrypted."""
    found = []
    # As text: the field itself would raise for one row and with it for all.
    for pk, token, *others in rows.annotate(token_text=Cast(F(sealed), TextField())).values_list(
        "pk", "token_text", *fields
    ):
        try:
            found.append((tuple(others), unseal(token)))
        except InvalidToken:
            if (rows.model.__name__, pk) in _said:
                continue
            _said.add((rows.model.__name__, pk))
            logger.error("%s %s: no key of FIELD_ENCRYPTION_KEYS decrypts it", rows.model.__name__, pk)
    return found


store = SecretStore()
