"""Row ids as they come in addresses and forms."""

from __future__ import annotations

BIGGEST = 2**31 - 1  # of PostgreSQL's integer, the type of every primary key


def read_id(text: str) -> int | None:
    """The id that a text holds, plain ASCII digits; None for anything else and for what no row can have."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(BIGGEST))):
        return None
    number = int(text)
    return number if number <= BIGGEST else None
