"""File locks (flock): the kernel releases them however a process ends, so none is ever stale."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import StackError


def hold(path: Path, *, shared: bool = False) -> int:
    """Open and lock the file, waiting for whoever has it; gives the descriptor."""
    descriptor = _open(path)
    try_lock(descriptor, shared=shared, wait=True)
    return descriptor


def hold_now(path: Path) -> int | None:
    """The same without waiting: None when somebody has it."""
    descriptor = _open(path)
    if try_lock(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def try_lock(descriptor: int, *, shared: bool = False, wait: bool = False) -> bool:
    """Lock an open file; False when somebody else holds it and `wait` is off."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind if wait else kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(descriptor: int) -> None:
    """Release the lock, keep the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_held(path: Path) -> bool:
    """Whether some process holds the file's lock."""
    descriptor = hold_now(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's lock for the length of a block."""
    descriptor = hold(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise StackError(f"{path.parent} belongs to another user: run as that user, or set DATA_DIR.") from None
