"""The contact list: a mix of addresses through the running web server, beside the time to count all contacts.

T is the median of `SELECT count(*) FROM contacts_contact`, taken in turn with the pages. A page is asked for as a
signed-in person's browser does, through gunicorn, whole answer; nothing is subtracted.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from .browser import Browser, signed_in_client
from .list_urls import ListAddress, list_addresses
from .servers import PRODUCT, web
from .timing import seconds

RUNS = 5
MOST_STATEMENTS: Final = 12
TOTAL = re.compile(rb'data-total="(\d+)"')


@dataclass(slots=True)
class Figure:
    """What one address took."""

    address: ListAddress
    statements: int
    total: int = -1  # contacts that match, as the page says
    times: list[float] = field(default_factory=list)  # seconds

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.times) * 1000


@dataclass(slots=True)
class Listing:
    """The mix at one size."""

    contacts: int
    figures: list[Figure]
    counts: list[float] = field(default_factory=list)  # seconds of each count

    @property
    def count(self) -> float:
        """T in milliseconds."""
        return statistics.median(self.counts) * 1000

    def lines(self) -> Iterator[str]:
        yield f"list of {self.contacts:,} contacts, through gunicorn, median of {RUNS} runs; T = {self.count:.1f} ms"
        yield f"  {'':4} {'ms':>8} {'limit':>8} {'statements':>10} {'total':>10}  address"
        over = 0
        for one in self.figures:
            limit = one.address.limit.milliseconds(self.count)
            fits = one.milliseconds <= limit and one.statements <= MOST_STATEMENTS
            over += not fits
            yield (
                f"  {'ok' if fits else 'OVER':4} {one.milliseconds:8.1f} {limit:8.1f} {one.statements:10}"
                f" {one.total:10,}  ?{one.address.template}"
            )
        yield f"  {len(self.figures) - over} of {len(self.figures)} within the limits, which are claimed for 1,000,000"


def measure() -> Listing:
    """The mix on the seeded database at hand."""
    addresses = list_addresses()
    client = signed_in_client()
    figures = []
    for address in addresses:
        with CaptureQueriesContext(connection) as statements:
            page = client.get(address.path)
        assert page.status_code == 200, address
        figures.append(Figure(address, len(statements)))
    listing = Listing(count_all(), figures)
    with web(PRODUCT, SECRET_KEY=settings.SECRET_KEY) as port, Browser(port) as browser:
        for run in range(RUNS + 1):
            for figure in figures:
                listing.counts.append(seconds(count_all))
                answer = browser.get(figure.address.path)
                assert answer.status == 200, figure
                if run:  # the first round fills caches and plans
                    figure.times.append(answer.seconds)
                    found = TOTAL.search(answer.head)
                    figure.total = int(found[1]) if found else -1
    return listing


def count_all() -> int:
    """What T is the time of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contacts_contact")
        return int(cursor.fetchone()[0])


def growth(listings: Sequence[Listing]) -> Iterator[str]:
    """How each address grows from the smallest to the largest size: at most as the number of contacts does."""
    small, large = listings[0], listings[-1]
    most = large.contacts / small.contacts
    yield f"growth from {small.contacts:,} to {large.contacts:,} contacts, limit {most:.0f}-fold"
    pairs = sorted(
        ((b.milliseconds / a.milliseconds, a, b) for a, b in zip(small.figures, large.figures, strict=True)),
        key=lambda pair: -pair[0],
    )
    for factor, before, after in pairs:
        yield (
            f"  {'ok' if factor <= most else 'OVER':4} {factor:6.1f}-fold {before.milliseconds:8.1f} ms"
            f" {after.milliseconds:8.1f} ms  ?{before.address.template}"
        )
