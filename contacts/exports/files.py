"""Exported files on disk: random names under MEDIA_ROOT, readable by us only, whole or not there at all."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

FOLDER = "exports"
INCOMING = "incoming"  # half-written files


def folder() -> Path:
    """Where finished files lie; a web server must never be pointed at it."""
    return Path(settings.MEDIA_ROOT) / FOLDER


def path_of(name: str) -> Path:
    """A finished file by the name that its row keeps."""
    return folder() / name


@contextmanager
def incoming(export_id: int) -> Iterator[Path]:
    """A private folder to write in; gone at the end of the block, with all that was not kept. Raises OSError."""
    place = folder() / INCOMING
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder().chmod(0o700)
    made = Path(tempfile.mkdtemp(dir=place, prefix=f"{export_id}-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def keep(file: Path, *, export_id: int) -> str:
    """Make a written file durable under a new random name and answer that name. Raises OSError."""
    name = f"{export_id}-{secrets.token_hex(16)}{file.suffix}"
    file.chmod(0o600)
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
    file.rename(path_of(name))
    return name


def remove(name: str) -> None:
    """Delete a finished file; one that is already gone is fine."""
    if name:
        path_of(name).unlink(missing_ok=True)


def stored() -> dict[str, int]:
    """Names of all finished files, with the id of the export that each begins with."""
    names = [entry.name for entry in _entries(folder()) if entry.is_file(follow_symlinks=False)]
    return {name: int(row) for name in names if (row := name.partition("-")[0]).isdigit()}


def incoming_clear(*, seconds: float) -> None:
    """Delete what a killed worker left half-written, when nothing was written to it for so long."""
    before = time.time() - seconds
    for entry in _entries(folder() / INCOMING):
        if _latest_change(Path(entry.path)) < before:
            shutil.rmtree(entry.path, ignore_errors=True)


def _latest_change(place: Path) -> float:
    try:
        return max(path.stat().st_mtime for path in (place, *place.rglob("*")))
    except FileNotFoundError:  # its worker has just finished
        return time.time()


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
