"""The report of all contacts through the running web server, beside COPY of the same query and of the whole table.

All runs end in a reader that throws the rows away: psql for the floors, a browser's connection for the report.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial

from django.conf import settings
from django.db import connection
from django.http import QueryDict

from contacts.report import report_sql
from contacts.selectors.listing import contact_listing

from .browser import Answer, Browser
from .psql import copy_out
from .servers import PRODUCT, Server, server
from .timing import RUNS, seconds

PATH = "/contacts/report.csv"
MOST_MEMORY = 64  # MB
SAME, TABLE = "COPY of the same query", "COPY contacts_contact"
LIMITS = {SAME: 1.5, TABLE: 4.5}


def measure() -> Iterator[str]:
    """Lines of the report's figures on the seeded database at hand."""
    floors = {SAME: f"COPY ({_same_query()}) TO STDOUT (FORMAT csv)", TABLE: "COPY contacts_contact TO STDOUT"}
    with server(PRODUCT, SECRET_KEY=settings.SECRET_KEY) as running, Browser(running.port) as browser:
        assert browser.get(f"{PATH}?q=zzqx").status == 200  # code and connection are there before the clock starts
        grown = _memory(running, browser)
        floor_times: dict[str, list[float]] = {name: [] for name in floors}
        answers: list[Answer] = []
        for _ in range(RUNS):
            for name, statement in floors.items():
                floor_times[name].append(seconds(partial(copy_out, statement)))
            answers.append(browser.get(PATH, keep=0))
    took = statistics.median(answer.seconds for answer in answers)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contacts_contact")
        name = f"report of {cursor.fetchone()[0]:,} rows"
    for floor, times in floor_times.items():
        least = statistics.median(times)
        yield (
            f"{name}: {took * 1000:,.0f} ms · floor, {floor}: {least * 1000:,.0f} ms · ratio {took / least:.2f}"
            f" (wanted {LIMITS[floor]:.2f})"
        )
    first = statistics.median(answer.first_byte for answer in answers)
    yield f"{name}: first byte after {first * 1000:,.0f} ms (wanted under 1,000 ms)"
    yield f"{name}: the web server's memory grows by {grown} (wanted under {MOST_MEMORY} MB)"


def _same_query() -> str:
    sql, params = report_sql(contact_listing(QueryDict("")).queryset)
    with connection.cursor() as cursor:
        text = cursor.mogrify(sql, params)
    return text.decode() if isinstance(text, bytes) else text


def _memory(running: Server, browser: Browser) -> str:
    """How much more the server's processes hold at the most while a report streams."""
    try:
        before = running.memory_mark()
    except OSError:
        return "an unknown amount: this system has no /proc"
    answer = browser.get(PATH, keep=0)
    assert answer.status == 200, answer
    return f"{(running.memory_peak() - before) / 1e6:.1f} MB"
