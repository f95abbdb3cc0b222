"""Copies handed out: who may have them, under which headers, in parts, and never once they are taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inbox import media_files
from inbox.models import Kind, MediaFile, Message

from .factories import make_conversation, make_message
from .media import HTML, MP4, PDF, SVG, picture, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def message_of(kind: str, title: str = "") -> Message:
    attachment = {"kind": kind, "platform_ref": "1"} | ({"title": title} if title else {})
    return make_message(make_conversation(), "", kind=Kind(kind), attachments=[attachment])


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_photo_is_shown_in_place(agent_client: Client) -> None:
    data = picture()
    row = stored(message_of("image"), data)
    with CaptureQueriesContext(connection) as queries:
        answer = agent_client.get(f"/inbox/media/{row.pk}/")
    assert len(queries) <= 4, queries.captured_queries  # session, person, the row with its message
    assert (answer.status_code, answer["Content-Type"], content(answer)) == (200, "image/jpeg", data)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"].startswith("private")
    assert answer["Content-Disposition"] == f'inline; filename="image-{row.pk}.jpg"'
    small = agent_client.get(f"/inbox/media/{row.pk}/thumb/")
    assert (small.status_code, small["Content-Type"]) == (200, "image/webp")
    assert small["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert content(small)[8:12] == b"WEBP"
    download = agent_client.get(f"/inbox/media/{row.pk}/?download")
    assert download["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("data", [HTML, SVG, PDF])
def test_nothing_that_could_act_is_shown_in_place(agent_client: Client, data: bytes) -> None:
    row = stored(message_of("file", "invoice.html"), data)
    answer = agent_client.get(f"/inbox/media/{row.pk}/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Disposition"] == 'attachment; filename="invoice.html"'
    assert agent_client.get(f"/inbox/media/{row.pk}/thumb/").status_code == 404


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ("ใบเสร็จ ธ.ค. 2569.pdf", "filename*=utf-8''%E0%B9%83%E0%B8%9A%E0%B9%80%E0%B8%AA%E0%B8%A3%E0%B9%87%E0%B8%88"),
        ("../../etc/passwd.pdf", 'filename="_.._etc_passwd.pdf"'),
        ('a"; filename="b.exe\r\nX-Evil: 1.pdf', 'filename="a_; filename=_b.exeX-Evil_ 1.pdf"'),
        ("photo\u202efdp.exe.pdf", 'filename="photofdp.exe.pdf"'),
        ("no ending", 'filename="no ending.pdf"'),
        ("   ...   ", 'filename="file-'),
    ],
)
def test_names_are_made_harmless(agent_client: Client, title: str, header: str) -> None:
    row = stored(message_of("file", title), PDF)
    answer = agent_client.get(f"/inbox/media/{row.pk}/")
    assert header in answer["Content-Disposition"]
    assert "X-Evil" not in answer


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-1", 206, slice(0, 2)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=0-999999999", 206, slice(0, None)),
        ("bytes=5-2", 200, slice(0, None)),
        ("bytes=0-1,4-5", 200, slice(0, None)),
        ("pages=1-2", 200, slice(0, None)),
        ("bytes=abc", 200, slice(0, None)),
    ],
)
def test_parts_for_players_that_seek(agent_client: Client, wanted: str, status: int, part: slice) -> None:
    row = stored(message_of("video"), MP4)
    answer = agent_client.get(f"/inbox/media/{row.pk}/", headers={"Range": wanted})
    expected = MP4[part]
    assert (answer.status_code, content(answer)) == (status, expected)
    assert answer["Content-Length"] == str(len(expected))
    assert answer["Accept-Ranges"] == "bytes"
    start, end, total = part.indices(len(MP4))[0], part.indices(len(MP4))[1] - 1, len(MP4)
    assert answer.get("Content-Range") == (f"bytes {start}-{end}/{total}" if status == 206 else None)


def test_a_part_behind_the_end(agent_client: Client) -> None:
    row = stored(message_of("video"), MP4)
    for wanted in (f"bytes={len(MP4)}-", "bytes=-0"):
        answer = agent_client.get(f"/inbox/media/{row.pk}/", headers={"Range": wanted})
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(MP4)}")


def test_a_part_of_something_else_is_the_whole(agent_client: Client) -> None:
    row = stored(message_of("video"), MP4)
    first = agent_client.get(f"/inbox/media/{row.pk}/")
    assert content(first) == MP4
    for etag, status in ((first["ETag"], 206), ('"other"', 200)):
        answer = agent_client.get(f"/inbox/media/{row.pk}/", headers={"Range": "bytes=0-1", "If-Range": etag})
        assert answer.status_code == status
        content(answer)
    assert agent_client.get(f"/inbox/media/{row.pk}/", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_head_says_the_same(agent_client: Client) -> None:
    row = stored(message_of("video"), MP4)
    answer = agent_client.head(f"/inbox/media/{row.pk}/")
    assert (answer.status_code, answer["Content-Length"], answer["Content-Type"]) == (200, str(len(MP4)), "video/mp4")
    assert agent_client.post(f"/inbox/media/{row.pk}/").status_code == 405


def test_only_staff(marketer_client: Client, outsider_client: Client) -> None:
    row = stored(message_of("image"), picture())
    for path in (f"/inbox/media/{row.pk}/", f"/inbox/media/{row.pk}/thumb/"):
        assert marketer_client.get(path).status_code == 200
        assert outsider_client.get(path).status_code == 403
        assert Client().get(path).status_code == 302


def test_what_is_not_there_or_was_taken_back(agent_client: Client) -> None:
    row = stored(message_of("image"), picture())
    url = f"/inbox/media/{row.pk}/"
    etag = agent_client.get(url)["ETag"]
    Message.objects.update(unsent_at=timezone.now())
    assert agent_client.get(url).status_code == 404
    assert agent_client.get(url, headers={"If-None-Match": etag}).status_code == 404
    Message.objects.update(unsent_at=None)
    media_files.remove([row.file])
    assert agent_client.get(url).status_code == 404
    MediaFile.objects.update(state=MediaFile.State.PENDING)
    assert agent_client.get(f"{url}thumb/").status_code == 404
    assert agent_client.get("/inbox/media/99999999999999999999/").status_code == 404
