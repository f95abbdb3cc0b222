"""Verified bodies kept on disk while the database is away: one encrypted file each, durable before the 200.

A file a body needs no framing and no lock: a temporary file is fsynced, renamed, and the folder fsynced, so a reader
sees all of it or nothing, and a process that is killed harms no other's. Names sort by the time of receipt.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.conf import settings

from .encryption import fernet

SUFFIX = ".body"
HALF = ".half"  # being written; one that is old was left by a killed process, and never acknowledged
HALF_SECONDS = 3600.0
ASIDE = "aside"  # what no key of ours decrypts
COUNT_EVERY = 1.0  # seconds between two looks at how full the folder is, or 20 times as long as a look takes


class SpoolFull(Exception):
    """The bodies in the folder fill SPOOL_MAX_BYTES."""


class Unreadable(Exception):
    """A file that none of FIELD_ENCRYPTION_KEYS decrypts, or that is damaged."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A body as it was received. `channel_id`: of the key in its URL, where the platform has one a channel."""

    platform: str
    body: bytes
    received_at: dt.datetime
    channel_id: int | None = None


def folder() -> Path:
    """SPOOL_DIR; it may not exist yet."""
    return Path(settings.SPOOL_DIR)


def spool_append(kept: Kept) -> None:
    """Keep a body; durable when this returns. Raises SpoolFull or OSError."""
    token = _seal(kept)
    _usage.take(len(token))
    name = f"{int(kept.received_at.timestamp() * 1_000_000):020d}-{secrets.token_hex(6)}"
    try:
        _write(name, token)
    except FileNotFoundError:
        make_folder()
        _write(name, token)


def make_folder() -> None:
    """Create SPOOL_DIR, for this user alone. Raises OSError."""
    folder().mkdir(parents=True, mode=0o700, exist_ok=True)
    _sync_folder(folder().parent)


def _seal(kept: Kept) -> bytes:
    head = {"platform": kept.platform, "channel": kept.channel_id, "received": kept.received_at.isoformat()}
    return fernet().encrypt(json.dumps(head).encode() + b"\n" + kept.body)


def _write(name: str, token: bytes) -> None:
    half, whole = folder() / f"{name}{HALF}", folder() / f"{name}{SUFFIX}"
    try:
        _write_file(half, token)
        half.rename(whole)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    _sync_folder(folder())


def _write_file(path: Path, token: bytes) -> None:
    with open(path, "xb", opener=_private) as file:
        file.write(token)
        file.flush()
        _sync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(descriptor: int) -> None:
    """To the disk itself: macOS's fsync leaves it in the drive's cache."""
    if hasattr(fcntl, "F_FULLFSYNC"):
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def waiting() -> list[str]:
    """Names of the bodies in the spool, oldest first. A folder that is not there holds none."""
    return sorted(entry.name for entry in _entries(folder()))


def _entries(path: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            yield from (entry for entry in entries if entry.name.endswith(SUFFIX))
    except (FileNotFoundError, NotADirectoryError):
        return


def spool_read(name: str) -> Kept:
    """Raises Unreadable, or OSError (FileNotFoundError where somebody drained it)."""
    try:
        head, _, body = fernet().decrypt((folder() / name).read_bytes()).partition(b"\n")
        fields = json.loads(head)
        return Kept(
            platform=fields["platform"],
            body=body,
            received_at=dt.datetime.fromisoformat(fields["received"]),
            channel_id=fields["channel"],
        )
    except (InvalidToken, ValueError, KeyError, TypeError) as error:
        raise Unreadable(name) from error


def spool_remove(name: str) -> None:
    """The body is applied. Not synced: after a loss of power it would be applied again, to no effect."""
    (folder() / name).unlink(missing_ok=True)


def set_aside(name: str) -> None:
    """Out of the queue's way, kept for the day its key is back."""
    (folder() / ASIDE).mkdir(mode=0o700, exist_ok=True)
    (folder() / name).rename(folder() / ASIDE / name)


def take_back() -> int:
    """Return to the queue what was set aside and can be read now; how many."""
    back = 0
    for entry in list(_entries(folder() / ASIDE)):
        try:
            fernet().decrypt(Path(entry.path).read_bytes())
        except InvalidToken:
            continue
        os.rename(entry.path, folder() / entry.name)
        back += 1
    return back


def halves_purge() -> None:
    """Delete what killed processes left half written."""
    for half in folder().glob(f"*{HALF}"):
        try:
            if time.time() - half.stat().st_mtime > HALF_SECONDS:
                half.unlink()
        except FileNotFoundError:
            continue


def files() -> Iterator[Path]:
    """Every file that holds a body, those set aside included."""
    for path in (folder(), folder() / ASIDE):
        yield from (Path(entry.path) for entry in _entries(path))


def spool_replace(path: Path, token: bytes) -> None:
    """The same body, encrypted anew. Where it was drained just now it is drained once more, to no effect."""
    _write_file(path.with_suffix(HALF), token)
    path.with_suffix(HALF).rename(path)
    _sync_folder(path.parent)


class _Usage:
    """Bytes in the folder, known without reading it at every append: other processes' are seen a second later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path = Path()
        self._bytes = 0
        self._next_look = 0.0

    def take(self, size: int) -> None:
        """Room for so many bytes, or SpoolFull."""
        with self._lock:
            began = time.monotonic()
            if self._path != folder() or began >= self._next_look:
                self._path, self._bytes = folder(), sum(size_of(path) for path in files())
                self._next_look = time.monotonic() + max(COUNT_EVERY, 20 * (time.monotonic() - began))
            if self._bytes + size > settings.SPOOL_MAX_BYTES:
                raise SpoolFull
            self._bytes += size


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where it is gone."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


_usage = _Usage()
