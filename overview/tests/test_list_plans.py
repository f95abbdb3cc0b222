"""How PostgreSQL answers the forty addresses of benchmarks.list_urls: by indexes, and in few statements.

The shop is small, so that a scan of it would often be right; what is checked is what PostgreSQL does where it avoids
scans as it does in a big shop.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.list_urls import MIX, Limit, list_addresses
from benchmarks.listing import MOST_STATEMENTS
from overview.benchmark_data.loader import benchmark_seed

CONTACTS = 5_000
BIG = ("contacts_contact", "contacts_listentry", "inbox_message")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _scanned(sql: str) -> set[str]:
    """Big tables that the statement reads from end to end although it would rather not."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
    root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return {node["Relation Name"] for node in _nodes(root) if node["Node Type"] == "Seq Scan"} & set(BIG)


@pytest.mark.django_db(transaction=True)
def test_pages_are_read_by_indexes_in_few_statements() -> None:
    benchmark_seed(contacts=CONTACTS, until=dt.date(2026, 11, 22), replace=False, say=lambda words: None)
    client = Client()
    client.force_login(User.objects.create_superuser("root"), "saifa_crm.sign_in.StaffBackend")
    assert _scanned("SELECT 1 FROM contacts_contact WHERE address = 'x'") == {"contacts_contact"}  # a scan would show
    addresses = list_addresses()
    assert len(addresses) == len(MIX) >= 40
    for address in addresses:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = client.get(address.path)
        assert response.status_code == 200
        assert "This filter cannot be used" not in response.content.decode(), address.template
        statements = [query["sql"] for query in captured.captured_queries]
        assert len(statements) <= MOST_STATEMENTS, address.template
        if address.limit is Limit.SHORT:
            continue  # one or two characters have no trigram: those searches read every name
        reads = [sql for sql in statements if not sql.startswith("EXPLAIN") and any(name in sql for name in BIG)]
        assert {name for sql in reads for name in _scanned(sql)} == set(), (address.template, reads)
