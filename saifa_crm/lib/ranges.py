"""Parts of a file for players that seek: one byte range of a request (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range begins behind the end of the file: 416."""


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte that a Range header asks for; None where the whole file is to be sent.

    None for no header, one that cannot be read, and several ranges, which a server may answer with the whole.
    Raises Unsatisfiable.
    """
    found = _RANGE.fullmatch(header)
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:  # the last n bytes
        count = min(int(last), size)
        if not count:
            raise Unsatisfiable
        return size - count, size - 1
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, end


def pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to `end`, both included, as a stream. The file is opened at once: FileNotFoundError."""
    file = path.open("rb")

    def read() -> Iterator[bytes]:
        with file:
            file.seek(start)
            left = end - start + 1
            while left and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    return read()
