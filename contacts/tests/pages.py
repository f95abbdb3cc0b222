"""What a test reads off a list page or a report."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inbox import live


def ids_of(response: Any) -> list[int]:
    """Contact ids of the rows, in order."""
    return [int(pk) for pk in re.findall(r'data-contact-id="(\d+)"', response.content.decode())]


def total_of(response: Any) -> int:
    """The exact total that the list element carries."""
    found = re.findall(r'data-total="(\d+)"', response.content.decode())
    assert len(found) == 1
    return int(found[0])


def all_ids(client: Client, query: str) -> list[int]:
    """Ids over all pages, by following the page numbers."""
    first = client.get(f"/contacts/?{query}")
    assert first.status_code == 200
    ids, page = ids_of(first), 1
    while len(ids) < total_of(first):
        page += 1
        more = ids_of(client.get(f"/contacts/?{query}&page={page}"))
        assert more
        ids += more
    return ids


def streamed(response: Any) -> bytes:
    """The whole of a streamed answer."""
    return b"".join(response.streaming_content)


def report_bytes(client: Client, query: str = "") -> bytes:
    response = client.get(f"/contacts/report.csv?{query}")
    assert response.status_code == 200, response.content
    return streamed(response)


def report_rows(client: Client, query: str = "") -> list[dict[str, str]]:
    """Rows as a spreadsheet reads them."""
    text = report_bytes(client, query).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def fewest_statements(client: Client, url: str) -> int:
    """SQL statements of a page without what is kept for a minute (saifa_crm/lib/kept.py).

    Of three pages, each the second after a change of the inbox: unread chats are counted for the first.
    """
    counts = []
    for _ in range(3):
        live.bump()
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    return min(counts)
