"""How the figures are taken: the median of several runs, the floor in turn with the figure."""

from __future__ import annotations

import time
from collections.abc import Callable

RUNS = 5


def seconds(work: Callable[[], object]) -> float:
    """One run, wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
