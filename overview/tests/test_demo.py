"""The demo shop: posted through a server's own webhooks, names from the sandbox; loading twice adds nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db.models import Count
from django.test import Client, RequestFactory

from channels_ingest.models import Connection, StrayEvent
from channels_ingest.sandbox.directory import Directory
from channels_ingest.sandbox.server import Sandbox
from contacts.models import Channel, Contact, Identity
from inbox.models import Message
from orders.models import Order
from overview.demo.loader import demo_begin, demo_load, people_file
from overview.models import Shop
from saifa_crm.celery import app


@pytest.fixture
def demo_platforms(settings: Any, tmp_path: Path, db: None) -> Iterator[None]:
    """The sandbox with the demo's people, and a worker that works at once."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    demo_begin()
    directory = Directory()
    directory.load(json.loads(people_file().read_text("utf-8")))
    server = Sandbox("127.0.0.1", 0, directory)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.SANDBOX_BASE_URL = server.url.rstrip("/")
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
    server.shutdown()
    thread.join()
    server.server_close()


def counts() -> list[int]:
    models = (Contact, Identity, Message, Order, StrayEvent, Connection)
    return [model.objects.count() for model in models]  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_demo(demo_platforms: None, live_server: Any, client: Client) -> None:
    assert not Shop.objects.get().demo_complete
    assert Client().get("/readyz").status_code == 503
    sign_in = demo_load(base_url=live_server.url, say=lambda line: None)
    assert authenticate(RequestFactory().post("/login/"), username=sign_in.username, password=sign_in.password)
    assert Shop.objects.get().demo_complete
    assert set(Channel.objects.values_list("platform", "name")) == {
        ("facebook", "LIV"),
        ("instagram", "LightMe"),
        ("line", "Saifa Shop"),
    }
    client.force_login(User.objects.get(username=sign_in.username))
    page = client.get("/contacts/").content.decode()
    assert "363 contacts across 19 pages" in page
    assert 'data-total="363"' in page
    assert Contact.objects.annotate(n=Count("identities")).filter(n=2).count() >= 10
    assert not Contact.objects.filter(name__contains=" customer ").exists()
    assert Contact.objects.exclude(picture_url="").count() > 150
    assert StrayEvent.objects.count() == 0
    assert Contact.objects.filter(search_text__contains="0810").exists()
    before = counts()
    demo_load(base_url=live_server.url, say=lambda line: None)
    assert counts() == before
