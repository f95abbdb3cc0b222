"""Stray events: seen, replayed and discarded by owners, without losing one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_ingest import services_strays
from channels_ingest.alerts import alerts
from channels_ingest.counters import delivery_seen
from channels_ingest.counts import counts_flush
from channels_ingest.models import Connection, Notice, StrayEvent
from channels_ingest.services_strays import stray_replay
from channels_ingest.tasks import strays_replay
from contacts.models import Channel
from inbox.gaps import gap_open
from inbox.models import Message

from .posts import LINE_BOT, PAGE, connect, line_body, line_event, page_body, page_item, post_line, post_meta


@pytest.fixture
def strays(db: None) -> None:
    """Two messages for a page that is not connected, one event of a kind nobody knows."""
    line = connect("line", LINE_BOT)
    connect("facebook", "1")
    post_meta("facebook", page_body(page_item("p1", "m1", "<b>สวัสดี</b>"), page_item("p2", "m2")))
    post_line(line, line_body(line_event("u1", "5") | {"type": "tomorrow"}))
    assert StrayEvent.objects.count() == 3


def test_replay_after_connecting(strays: None, owner_client: Client) -> None:
    stray = StrayEvent.objects.get(platform_id="m1")
    shown = owner_client.get(f"/channels/strays/{stray.pk}/").content.decode()
    assert "&lt;b&gt;สวัสดี&lt;/b&gt;" in shown
    assert not stray_replay(stray_id=stray.pk, actor_id=None)
    again = StrayEvent.objects.get(platform_id="m1")
    assert (again.state, again.reason, again.received_at) == ("kept", "not_connected", stray.received_at)
    connect("facebook", PAGE)
    owner_client.post(f"/channels/strays/{again.pk}/decide/")
    message = Message.objects.get()
    assert (message.text, message.received_at) == ("<b>สวัสดี</b>", stray.received_at)
    done = StrayEvent.objects.get(platform_id="m1")
    assert (done.state, done.body, done.decided_by_id) == ("replayed", "", int(owner_client.session["_auth_user_id"]))
    assert not stray_replay(stray_id=done.pk, actor_id=None)
    assert owner_client.get(f"/channels/strays/{done.pk}/").status_code == 200


def test_a_fault_keeps_the_stray(strays: None, monkeypatch: pytest.MonkeyPatch) -> None:
    connect("facebook", PAGE)
    monkeypatch.setattr("channels_ingest.services_strays.delivery_apply", _fault)
    stray = StrayEvent.objects.get(platform_id="m1")
    assert not stray_replay(stray_id=stray.pk, actor_id=None)
    assert StrayEvent.objects.get(pk=stray.pk).body == stray.body


def _fault(**_: Any) -> None:
    raise RuntimeError("a fault of ours")


def test_one_that_breaks_a_constraint_stops_no_other(
    strays: None, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect("facebook", PAGE)
    apply = services_strays.delivery_apply

    def first_breaks(**delivery: Any) -> None:
        apply(**delivery)
        if Message.objects.filter(platform_id="m1").exists():
            raise IntegrityError

    monkeypatch.setattr(services_strays, "delivery_apply", first_breaks)
    newest = StrayEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    strays_replay({"platform": "facebook"}, 0, newest, owner.pk)
    assert [message.platform_id for message in Message.objects.all()] == ["m2"]
    assert StrayEvent.objects.get(platform_id="m1").state == "kept"


def test_a_body_that_comes_apart_into_strays_is_not_done(db: None) -> None:
    body = page_body(page_item("p1", "m1"), page_item("p2", "m2"))
    stray = StrayEvent.objects.create(platform="facebook", reason="failed", body=json.dumps(body), digest="whole")
    assert not stray_replay(stray_id=stray.pk, actor_id=None)
    kept = StrayEvent.objects.order_by("platform_id").values_list("platform_id", "state", "reason")
    assert list(kept) == [("m1", "kept", "not_connected"), ("m2", "kept", "not_connected")]


def test_discarding_forgets_the_content(strays: None, owner_client: Client) -> None:
    shown = owner_client.get("/channels/strays/?reason=not_connected").content.decode()
    (upto,) = re.findall(r'name="upto" value="(\d+)"', shown)
    post_meta("facebook", page_body(page_item("p9", "m9")))  # nobody has seen this one
    owner_client.post("/channels/strays/decide/", {"filter": "reason=not_connected", "upto": upto, "discard": "1"})
    assert StrayEvent.objects.get(platform_id="m9").state == "kept"
    StrayEvent.objects.filter(platform_id="m9").delete()
    states = StrayEvent.objects.order_by("platform_id").values_list("reason", "state", "body")
    assert [row for row in states if row[0] == "not_connected"] == [("not_connected", "discarded", "")] * 2
    assert StrayEvent.objects.filter(state="kept").count() == 1


def test_all_of_a_filter_in_slices(
    strays: None, owner_client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    monkeypatch.setattr("channels_ingest.tasks.STRAYS_SLICE", 1)
    monkeypatch.setattr("channels_ingest.tasks.enqueue", lambda task, *args: task(*args))
    connect("facebook", PAGE)
    newest = StrayEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    strays_replay({"reason": "not_connected"}, 0, newest, owner_client.session["_auth_user_id"])
    assert Message.objects.count() == 2
    assert StrayEvent.objects.filter(state="kept").count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?reason=nonsense&platform=x&channel=9999999999999&state=x&page=-1",
        "?channel=1&page=99999",
        "?state=replayed",
    ],
)
def test_any_filter_is_a_page(strays: None, owner_client: Client, query: str) -> None:
    assert owner_client.get(f"/channels/strays/{query}").status_code == 200


def test_health_of_a_channel(owner_client: Client, django_capture_on_commit_callbacks: Any) -> None:
    channel = connect("facebook", PAGE)
    delivery_seen({channel.pk: (12, 3)}, timezone.now())
    counts_flush()
    gap_open(channel_ids=[channel.pk], reason="inactive", started_at=timezone.now())
    Notice.objects.create(
        channel=channel, platform_id="n", kind="policy_block", detail="<i>", serious=True, at=timezone.now()
    )
    alerts.forget()
    for told in (owner_client.get("/channels/"), owner_client.get("/contacts/")):
        assert "Meta has blocked the page from sending" in told.content.decode()
    url = f"/channels/{channel.connection.pk}/"
    shown = owner_client.get(url).content.decode()
    assert "12 events in 24 hours" in shown
    assert "The webhook was switched off" in shown
    assert "&lt;i&gt;" in shown
    with django_capture_on_commit_callbacks(execute=True):
        owner_client.post(f"{url}notices/dismiss/")
    assert Notice.objects.get().dismissed_at is not None
    assert "Meta has blocked" in owner_client.get(url).content.decode()  # read, and still there to be read
    assert "Meta has blocked" not in owner_client.get("/channels/").content.decode()


def test_queries_do_not_grow_with_the_channels(owner_client: Client, db: None) -> None:
    counts = []
    for number in range(6):
        connect("facebook", f"{number}")
        if number in (0, 5):
            owner_client.get("/channels/")  # what is looked up once a minute
            with CaptureQueriesContext(connection) as queries:
                owner_client.get("/channels/")
            counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Connection.objects.count() == Channel.objects.count() == 6
