"""Pages are compressed for who can read it; the report and small answers are not."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
ACCEPTS = {"Accept-Encoding": "gzip, br"}


def test_a_page_is_compressed(owner_client: Client) -> None:
    make_contact("ณัฐยา")
    page = owner_client.get("/contacts/", headers=ACCEPTS)
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert "ณัฐยา" in gzip.decompress(page.content).decode()
    assert "Content-Encoding" not in owner_client.get("/contacts/").headers


def test_the_report_streams_as_it_is(owner_client: Client) -> None:
    for _ in range(30):
        make_contact()
    report = owner_client.get("/contacts/report.csv", headers=ACCEPTS)
    assert report.streaming
    assert "Content-Encoding" not in report.headers
