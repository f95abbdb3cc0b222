"""How the figures are taken: the median of several runs, the floor in turn with the figure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

RUNS = 5


def seconds(work: Callable[[], object]) -> float:
    """One run, wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def beside(name: str, figure: Callable[[], object], floor_name: str, floor: Callable[[], object]) -> str:
    """Run both in turn; a line with the medians and their ratio."""
    figures, floors = [], []
    for _ in range(RUNS):
        floors.append(seconds(floor))
        figures.append(seconds(figure))
    mine, least = statistics.median(figures), statistics.median(floors)
    return f"{name}: {mine * 1000:,.0f} ms · floor, {floor_name}: {least * 1000:,.0f} ms · ratio {mine / least:.2f}"
