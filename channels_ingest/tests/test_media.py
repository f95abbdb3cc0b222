"""Copies of attachments: fetched from real servers, tried again, refused, given up; a message never waits for them."""

from __future__ import annotations

import datetime as dt
import errno
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels_ingest import media as service
from channels_ingest import tasks
from channels_ingest.media import MAX_TRIES, media_claim, media_fetch
from channels_ingest.models import Connection, ConnectionState
from contacts.models import Channel
from inbox import media_files
from inbox.media import CLAIM, media_due, media_expect, media_forget, media_orphans_remove, media_take
from inbox.models import MediaFile, Message
from inbox.tests.media import EXE, HTML, MP4, PDF, files, picture
from saifa_crm.tests.threads import together

from .posts import LINE_BOT, PAGE, connect, line_body, line_event, page_body, page_item, post_line, post_meta

pytestmark = pytest.mark.django_db
State = MediaFile.State


@pytest.fixture
def cdn(httpserver: HTTPServer, settings: Any, tmp_path: Path) -> HTTPServer:
    """LINE's content host and Meta's CDN, both at the sandbox's address."""
    settings.SANDBOX_BASE_URL = httpserver.url_for("").rstrip("/")
    settings.MEDIA_ROOT = tmp_path
    return httpserver


def expect() -> list[int]:
    """What a delivery does for the messages it has stored; answers every row there is."""
    with transaction.atomic():
        media_expect(messages=[(m.conversation.identity_id, str(m.platform_id)) for m in Message.objects.all()])
    return list(MediaFile.objects.values_list("pk", flat=True))


def from_line(kind: str = "image", number: str = "581", **more: Any) -> MediaFile:
    """Somebody sends an attachment to a LINE account; its row waits."""
    channel = Channel.objects.filter(platform="line").first() or connect("line", LINE_BOT)
    Connection.objects.update(is_sandbox=True)
    event = line_event("Ua", number)
    event["message"] = {"id": number, "type": kind, "contentProvider": {"type": "line"}} | more
    assert post_line(channel, line_body(event)).status_code == 200
    expect()
    return MediaFile.objects.get(message__platform_id=number)


def from_meta(*attachments: dict[str, Any], mid: str = "m1") -> list[MediaFile]:
    if not Channel.objects.filter(platform="facebook").exists():
        connect("facebook", PAGE)
    Connection.objects.update(is_sandbox=True)
    item = page_item("9001", mid)
    item["message"] = {"mid": mid, "attachments": list(attachments)}
    assert post_meta("facebook", page_body(item)).status_code == 200
    expect()
    return list(MediaFile.objects.order_by("position"))


def attachment(url: str, kind: str = "image", **payload: Any) -> dict[str, Any]:
    return {"type": kind, "payload": {"url": url} | payload}


def fetched(row: MediaFile) -> MediaFile:
    media_fetch(media_id=row.pk)
    row.refresh_from_db()
    return row


CONTENT = "/v2/bot/message/581/content"


# Which attachments are copied


def test_line_content_is_copied_with_the_token(cdn: HTTPServer) -> None:
    data = picture()
    cdn.expect_request(CONTENT, headers={"Authorization": "Bearer token"}).respond_with_data(data)
    row = fetched(from_line())
    assert (row.state, row.content_type, row.size, row.width, row.height) == (
        "stored",
        "image/jpeg",
        len(data),
        800,
        600,
    )
    assert media_files.path_of(row.file).read_bytes() == data  # as it came
    assert files() == sorted([row.file, row.thumbnail])
    assert media_files.path_of(row.file).stat().st_mode & 0o077 == 0


def test_meta_attachments_are_copied_without_a_token(cdn: HTTPServer) -> None:
    cdn.expect_request("/a.jpg").respond_with_data(picture())
    cdn.expect_request("/b.mp4").respond_with_data(MP4, content_type="text/html")
    rows = from_meta(attachment(cdn.url_for("/a.jpg?oh=1&oe=2")), attachment(cdn.url_for("/b.mp4"), "video"))
    assert [fetched(row).content_type for row in rows] == ["image/jpeg", "video/mp4"]
    assert all("Authorization" not in request.headers for request, _ in cdn.log)
    assert cdn.log[0][0].query_string == b"oh=1&oe=2"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "image", "contentProvider": {"type": "external", "originalContentUrl": "https://evil.example/a.jpg"}},
        {"type": "sticker", "packageId": "1", "stickerId": "2"},
        {"type": "location", "latitude": 13.7, "longitude": 100.5},
        {"type": "text", "text": "https://scontent.xx.fbcdn.net/a.jpg"},
    ],
)
def test_what_line_does_not_keep_is_never_fetched(cdn: HTTPServer, message: dict[str, Any]) -> None:
    channel = connect("line", LINE_BOT)
    event = line_event("Ua", "581")
    event["message"] = {"id": "581"} | message
    post_line(channel, line_body(event))
    assert Message.objects.count() == 1
    assert expect() == []


@pytest.mark.parametrize(
    "parts",
    [
        {"attachments": [{"type": "story_mention", "payload": {"url": "https://lookaside.fbsbx.com/story.jpg"}}]},
        {"attachments": [{"type": "ig_reel", "payload": {"url": "https://www.instagram.com/reel/C1/"}}]},
        {"attachments": [{"type": "share", "payload": {"url": "https://lookaside.fbsbx.com/post.jpg"}}]},
        {"attachments": [{"type": "image"}]},
        {"attachments": [{"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}}]},
        {"text": "nice", "reply_to": {"story": {"id": "1", "url": "https://lookaside.fbsbx.com/story.jpg"}}},
        {
            "attachments": [{"type": "image", "payload": {"url": "https://lookaside.fbsbx.com/story.jpg"}}],
            "reply_to": {"story": {"id": "1"}},
        },
        {"sticker_id": 369239263222822},
    ],
)
def test_what_may_not_be_kept_is_never_fetched(cdn: HTTPServer, parts: dict[str, Any]) -> None:
    connect("facebook", PAGE)
    item = page_item("9001", "m1")
    item["message"] = {"mid": "m1"} | parts
    post_meta("facebook", page_body(item))
    assert Message.objects.count() == 1
    assert expect() == []


def test_rows_are_made_once_and_in_one_statement(cdn: HTTPServer, django_assert_num_queries: Any) -> None:
    rows = from_meta(*[attachment(cdn.url_for(f"/{n}.jpg")) for n in range(30)])
    assert [row.position for row in rows] == list(range(30))
    identity_id = rows[0].message.conversation.identity_id
    with transaction.atomic(), django_assert_num_queries(1):
        assert media_expect(messages=[(identity_id, "m1"), (identity_id, "none")]) == []


# What goes wrong


def test_line_still_preparing_then_ready(cdn: HTTPServer) -> None:
    cdn.expect_oneshot_request(CONTENT).respond_with_data(b"", status=202)
    cdn.expect_oneshot_request(CONTENT).respond_with_data(MP4)
    row = fetched(from_line("video"))
    assert (row.state, row.tries) == ("pending", 1)
    assert row.next_at > timezone.now()
    MediaFile.objects.update(next_at=timezone.now())
    assert fetched(row).state == "stored"


@pytest.mark.parametrize("status", [404, 410])
def test_gone_at_line(cdn: HTTPServer, status: int) -> None:
    cdn.expect_request(CONTENT).respond_with_json({"message": "Gone"}, status=status)
    row = fetched(from_line())
    assert (row.state, row.error, files()) == ("gone", "gone", [])
    assert fetched(row) and len(cdn.log) == 1


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_expired_link_of_meta(cdn: HTTPServer, status: int) -> None:
    cdn.expect_request("/a.jpg").respond_with_data("expired", status=status)
    (row,) = from_meta(attachment(cdn.url_for("/a.jpg")))
    assert fetched(row).state == "gone"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_waits_grow_and_end(cdn: HTTPServer, status: int) -> None:
    cdn.expect_request(CONTENT).respond_with_data("later", status=status)
    row, waits = from_line(), []
    for _ in range(MAX_TRIES):
        before = timezone.now()
        MediaFile.objects.update(next_at=before)
        waits.append((fetched(row).next_at - before).total_seconds())
    assert row.state == "gone"
    assert waits[:9] == sorted(waits[:9]) and waits[1] > 1.5 * waits[0]
    assert max(waits) < 7 * 3600


def test_a_wait_that_the_platform_names(cdn: HTTPServer) -> None:
    cdn.expect_request(CONTENT).respond_with_data("later", status=429, headers={"Retry-After": "900"})
    row = fetched(from_line())
    assert dt.timedelta(minutes=14) < row.next_at - timezone.now() < dt.timedelta(minutes=16)


def test_a_dead_token_asks_for_a_new_one_and_loses_nothing(cdn: HTTPServer) -> None:
    cdn.expect_request(CONTENT).respond_with_json({"message": "Authentication failed"}, status=401)
    row = fetched(from_line())
    assert Connection.objects.get().state == ConnectionState.RECONNECT
    assert (row.state, row.tries) == ("pending", 0)
    MediaFile.objects.update(next_at=timezone.now())
    assert fetched(row).state == "pending"
    assert len(cdn.log) == 1  # a token that is known to be dead is not shown again
    assert media_claim(limit=10) == []
    cdn.clear()
    cdn.expect_request(CONTENT).respond_with_data(picture())
    Connection.objects.update(state=ConnectionState.CONNECTED)
    assert media_claim(limit=10) == [row.pk]  # not hours later: LINE does not keep it for long
    assert media_claim(limit=10) == []  # its task is queued: the next sweep does not queue it again
    assert fetched(row).state == "stored"


def test_a_dead_token_does_not_keep_meta_from_being_copied(cdn: HTTPServer) -> None:
    cdn.expect_request("/a.jpg").respond_with_data(picture())
    (row,) = from_meta(attachment(cdn.url_for("/a.jpg")))
    Connection.objects.update(state=ConnectionState.RECONNECT)
    assert fetched(row).state == "stored"


@pytest.mark.parametrize("data", [HTML, PDF, b"\x89PNG\r\n\x1a\n" + HTML, EXE])
def test_a_lie_is_not_kept(cdn: HTTPServer, data: bytes) -> None:
    cdn.expect_request(CONTENT).respond_with_data(data, content_type="image/jpeg")
    row = fetched(from_line())
    assert (row.state, files()) == ("refused", [])


@pytest.mark.parametrize("told", [True, False])
def test_too_large(cdn: HTTPServer, monkeypatch: pytest.MonkeyPatch, told: bool) -> None:
    monkeypatch.setitem(service.MAX_BYTES, "image", 10_000)

    def flood(request: Request) -> Response:
        return Response(b"x" * 10_001 if told else (b"x" * 1000 for _ in range(11)))

    cdn.expect_request(CONTENT).respond_with_handler(flood)
    row = fetched(from_line())
    assert (row.state, row.error, files()) == ("refused", "too_large", [])


def test_too_large_by_its_own_word_is_not_even_asked_for(cdn: HTTPServer) -> None:
    row = fetched(from_line("file", fileName="film.mkv", fileSize=10**10))
    assert (row.state, row.error, cdn.log) == ("refused", "too_large", [])


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.jpg",
        "http://scontent.xx.fbcdn.net/a.jpg",
        "https://169.254.169.254/a",
        "https://a.fbcdn.net.evil.example/",
    ],
)
def test_elsewhere_is_refused(cdn: HTTPServer, url: str) -> None:
    (row,) = from_meta(attachment(url))
    assert (fetched(row).state, row.error) == ("refused", "address")


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/secret", "https://127.0.0.1/secret", "file:///etc/passwd"])
def test_a_redirect_to_a_private_address_is_refused(cdn: HTTPServer, target: str) -> None:
    cdn.expect_request("/a.jpg").respond_with_data("", status=302, headers={"Location": target})
    (row,) = from_meta(attachment(cdn.url_for("/a.jpg")))
    assert (fetched(row).state, row.error, files()) == ("refused", "address", [])


def test_a_listed_name_that_leads_to_a_private_address_is_refused(
    cdn: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = [(2, 1, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr("saifa_crm.lib.fetch.socket.getaddrinfo", lambda *args, **kwargs: private)
    (row,) = from_meta(attachment("https://scontent.xx.fbcdn.net/a.jpg"))
    assert (fetched(row).state, row.error) == ("refused", "address")


def test_a_full_disk_is_waited_for(cdn: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cdn.expect_request(CONTENT).respond_with_data(picture())

    def full(*args: Any, **kwargs: Any) -> str:
        raise OSError(errno.ENOSPC, "no space left on device")

    row = from_line()
    with monkeypatch.context() as patch:
        patch.setattr(media_files, "keep", full)
        assert (fetched(row).state, row.tries, row.error, files()) == ("pending", 0, "disk", [])
    MediaFile.objects.update(next_at=timezone.now())
    assert fetched(row).state == "stored"


def test_half_a_file_is_none(cdn: HTTPServer) -> None:
    half = picture()[:500]
    cdn.expect_request(CONTENT).respond_with_handler(
        lambda _: Response(iter([half]), headers={"Content-Length": "9000"})
    )
    row = fetched(from_line())
    assert (row.state, files()) == ("pending", [])


# Taken back, twice, lost


def test_unsent_before_the_fetch(cdn: HTTPServer) -> None:
    row = from_line()
    media_forget(message_ids=[row.message_id])
    media_fetch(media_id=row.pk)
    assert (cdn.log, MediaFile.objects.count()) == ([], 0)


def test_unsent_during_the_fetch(cdn: HTTPServer) -> None:
    cdn.expect_request(CONTENT).respond_with_data(picture())
    row = from_line()
    examined = service.examine

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        media_forget(message_ids=[row.message_id])
        return examined(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "examine", meanwhile)
        media_fetch(media_id=row.pk)
    assert (MediaFile.objects.count(), files()) == (0, [])


def test_unsent_after_the_fetch(cdn: HTTPServer, django_capture_on_commit_callbacks: Any) -> None:
    cdn.expect_request(CONTENT).respond_with_data(picture())
    row = fetched(from_line())
    assert len(files()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        media_forget(message_ids=[row.message_id])
        assert len(files()) == 2  # not before the commit
    assert (MediaFile.objects.count(), files()) == (0, [])


def test_an_unsend_takes_the_copies_along(cdn: HTTPServer, django_capture_on_commit_callbacks: Any) -> None:
    """All the way: webhook, row, file, webhook."""
    cdn.expect_request(CONTENT).respond_with_data(picture())
    channel = connect("line", LINE_BOT)
    Connection.objects.update(is_sandbox=True)
    event = line_event("Ua", "581")
    event["message"] = {"id": "581", "type": "image", "contentProvider": {"type": "line"}}
    post_line(channel, line_body(event))
    assert fetched(MediaFile.objects.get()).state == "stored"
    unsend = line_event("Ua", "582") | {"type": "unsend", "unsend": {"messageId": "581"}}
    del unsend["message"]
    with django_capture_on_commit_callbacks(execute=True):
        assert post_line(channel, line_body(unsend)).status_code == 200
    assert (MediaFile.objects.count(), files()) == (0, [])
    post_line(channel, line_body(event))  # delivered again: it stays taken back
    assert MediaFile.objects.count() == 0


def test_two_tasks_of_one_file_download_once(cdn: HTTPServer) -> None:
    row = from_line()
    first = media_take(media_id=row.pk)
    assert first is not None
    assert media_take(media_id=row.pk) is None
    media_fetch(media_id=row.pk)
    assert cdn.log == []


def test_a_worker_whose_time_ran_out_leaves_nothing_behind(cdn: HTTPServer) -> None:
    """It was given up for dead and another took over: what it still brings does not count."""
    cdn.expect_request(CONTENT).respond_with_data(picture())
    row = from_line()
    examined = service.examine

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        MediaFile.objects.filter(pk=row.pk).update(next_at=timezone.now() - dt.timedelta(seconds=1))
        return examined(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "examine", overtaken)
        assert fetched(row).state == "pending"
    assert files() == []
    assert fetched(row).state == "stored"


def test_redis_wiped(cdn: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cdn.expect_request(CONTENT).respond_with_data(picture())
    row, queued = from_line(), []
    monkeypatch.setattr(tasks, "enqueue", lambda task, *args: queued.append((task, args)))
    tasks.sweep_media()
    assert queued == []  # its task may still come
    MediaFile.objects.update(next_at=timezone.now() - dt.timedelta(seconds=1))
    tasks.sweep_media()
    tasks.sweep_media()
    assert queued == [(tasks.media_fetch, (row.pk,))]  # claimed: not again within CLAIM
    for task, args in queued:
        task(*args)
    row.refresh_from_db()
    assert row.state == "stored"
    assert media_due(limit=10) == []


@pytest.mark.django_db(transaction=True)
def test_a_message_comes_first_and_its_file_is_queued_on_commit(
    cdn: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, *args: queued.append((task, *args)))
    row = from_line()
    assert Message.objects.get().kind == "image"
    assert (tasks.media_fan_out, [row.pk]) in queued
    assert timezone.now() < row.next_at <= timezone.now() + CLAIM


def test_files_without_a_row_are_removed_after_an_hour(cdn: HTTPServer) -> None:
    cdn.expect_request(CONTENT).respond_with_data(picture())
    row = fetched(from_line())
    with media_files.incoming() as file:
        file.write(b"left by a crash")
        stray = media_files.keep(file, media_id=row.pk)
    with media_files.incoming() as file:
        file.write(b"of a row that is gone")
        lost = media_files.keep(file, media_id=row.pk + 1)
    half = media_files.folder() / media_files.INCOMING / "tmpabc"
    half.write_bytes(b"half")
    media_orphans_remove()
    assert len(files()) == 5
    for name in files():
        _age(media_files.folder() / name)
    assert media_orphans_remove() == 2
    assert files() == sorted([row.file, row.thumbnail])
    assert stray not in files() and lost not in files()


def _age(path: Path) -> None:
    old = path.stat().st_mtime - 4000
    os.utime(path, (old, old))


@pytest.mark.django_db(transaction=True)
def test_workers_racing_for_one_file_leave_one_copy(cdn: HTTPServer) -> None:
    cdn.expect_request(CONTENT).respond_with_data(picture())
    row = from_line()
    assert together(*[partial(media_fetch, media_id=row.pk)] * 4) == []
    row.refresh_from_db()
    assert row.state == "stored"
    assert len(cdn.log) == 1
    assert files() == sorted([row.file, row.thumbnail])
