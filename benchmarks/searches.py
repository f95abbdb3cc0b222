"""Searches beside the list: in messages, in the inbox and in the palette, through the running web server.

The floors, taken in turn with them: T, the time to count all contacts, and the inbox without a search.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from inbox.models import Message

from .browser import Browser
from .listing import RUNS, count_all
from .servers import PRODUCT, web
from .timing import seconds

INBOX = "/inbox/"
# Words that every other message holds, that some do, that none does; two letters, and one that is too short.
IN_MESSAGES = ("ค่ะ", "ขอบคุณ", "คืนเงิน", "สีแดง ราคา", "zzqxk", "กก", "a")
IN_NAMES = ("สมชาย", "somchai", "gmail", "081", "ส", "zzqx")
ADDRESSES = (
    *(f"/inbox/search/?q={quote(words)}" for words in IN_MESSAGES),
    *(f"{INBOX}?q={quote(words)}" for words in IN_NAMES),
    *(f"/search/?q={quote(words)}" for words in IN_NAMES),
)


def measure() -> Iterator[str]:
    """A line for each address: the median of RUNS answers."""
    times: dict[str, list[float]] = defaultdict(list)
    counts = []
    with web(PRODUCT, SECRET_KEY=settings.SECRET_KEY) as port, Browser(port) as browser:
        for run in range(RUNS + 1):
            for address in (INBOX, *ADDRESSES):
                counts.append(seconds(count_all))
                answer = browser.get(address)
                assert answer.status == 200, address
                if run:  # the first round fills caches and plans
                    times[address].append(answer.seconds)
    floor = statistics.median(times[INBOX])
    yield (
        f"searches among {_messages():,} messages (PostgreSQL's estimate), median of {RUNS} runs;"
        f" T = {statistics.median(counts) * 1000:.1f} ms, {INBOX} = {floor * 1000:.1f} ms"
    )
    for address, words in zip(ADDRESSES, (*IN_MESSAGES, *IN_NAMES, *IN_NAMES), strict=True):
        took = statistics.median(times[address])
        yield f"  {took * 1000:8.1f} ms {took / floor:6.1f} x  {address.partition('?')[0]}?q={words}"


def _messages() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [Message._meta.db_table])
        return int(cursor.fetchone()[0])
