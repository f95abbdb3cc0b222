"""Copies of attachments on disk: random names under MEDIA_ROOT, written whole or not at all, readable by us only."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

FOLDER = "attachments"
INCOMING = "incoming"  # half-written files; outside the shards, so that a name never leads to one
SHARDS = 256


def folder() -> Path:
    """Where copies lie; a web server must never be pointed at it."""
    return Path(settings.MEDIA_ROOT) / FOLDER


def path_of(name: str) -> Path:
    """A stored file by the name that its row keeps."""
    return folder() / name


@contextmanager
def incoming() -> Iterator[IO[bytes]]:
    """A temporary file to write into; gone at the end of the block unless `keep` has taken it. Raises OSError."""
    place = folder() / INCOMING
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place, delete=False) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def keep(file: IO[bytes], *, media_id: int) -> str:
    """Make an incoming file durable under a new random name and answer that name. Raises OSError.

    The name begins with the row's id, by which the sweep finds out whether the row is still there.
    """
    name = f"{secrets.token_hex(1)}/{media_id}-{secrets.token_hex(16)}"
    target = path_of(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    file.flush()
    os.fsync(file.fileno())
    Path(file.name).rename(target)
    _sync_folder(target.parent)
    return name


def _sync_folder(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(names: Iterable[str]) -> None:
    """Delete stored files; one that is already gone is fine."""
    for name in names:
        if name:
            path_of(name).unlink(missing_ok=True)


def old_files(shard: int, *, seconds: float) -> dict[str, int]:
    """Names of one shard's files that were written longer ago, with the row id each name begins with."""
    place, before = folder() / f"{shard:02x}", time.time() - seconds
    found: dict[str, int] = {}
    for entry in _entries(place):
        row = entry.name.partition("-")[0]
        if row.isdigit() and len(row) < 19 and entry.stat().st_mtime < before:
            found[f"{place.name}/{entry.name}"] = int(row)
    return found


def incoming_clear(*, seconds: float) -> None:
    """Delete half-written files that a killed worker left longer ago."""
    before = time.time() - seconds
    for entry in _entries(folder() / INCOMING):
        if entry.stat().st_mtime < before:
            Path(entry.path).unlink(missing_ok=True)


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return [entry for entry in entries if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return []
