"""What writers of files tell while they write, and how they hear that they should stop."""

from __future__ import annotations


class Stopped(Exception):
    """Somebody cancelled the export, or another run of it took over."""


class Grown(Exception):
    """More contacts match than the export was allowed for."""


class Progress:
    """Rows written so far, of about `expected`; Grown above `most`. A subclass says when to stop."""

    def __init__(self, *, expected: int = 0, most: int | None = None) -> None:
        self.rows = 0
        self.expected = expected
        self.most = most
        self.shortened = False  # whether a cell was longer than the format takes

    def advance(self, rows: int) -> None:
        """So many more rows are written. Raises Stopped."""
        self.rows += rows
        self.check()

    def finish(self, rows: int) -> None:
        """All are written: their exact number. Raises Stopped, Grown."""
        self.rows = rows
        self.check()
        if self.most is not None and rows > self.most:
            raise Grown

    def check(self) -> None:
        """Raise Stopped where there is no more use."""
