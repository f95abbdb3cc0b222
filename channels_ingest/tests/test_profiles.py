"""Names and pictures from the platforms: fetched once, repaired later, never over what staff typed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from channels_ingest import pacing, profiles
from channels_ingest.models import Connection, ConnectionState
from channels_ingest.platforms.base import TokenDead
from channels_ingest.profiles import profile_fetch
from channels_ingest.services_connect import connection_disconnect
from contacts.models import Channel, Contact, Identity, ProfileState
from saifa_crm.lib import redis_client

from .posts import LINE_BOT, PAGE, connect, line_body, line_event, page_body, page_item, post_line, post_meta

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(httpserver: HTTPServer, settings: Any, tmp_path: Path) -> HTTPServer:
    settings.SANDBOX_BASE_URL = httpserver.url_for("").rstrip("/")
    settings.MEDIA_ROOT = tmp_path
    return httpserver


def newcomer(platform_name: str = "line") -> Identity:
    """Somebody who has just written to a sandbox connection."""
    if platform_name == "line":
        post_line(connect("line", LINE_BOT), line_body(line_event("Ua", "1")))
    else:
        connect("facebook", PAGE)
        post_meta("facebook", page_body(page_item("9001", "m1")))
    Connection.objects.update(is_sandbox=True)
    return Identity.objects.get()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(out, "PNG")
    return out.getvalue()


def test_name_and_picture(platform: HTTPServer, agent_client: Client) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json(
        {
            "displayName": "สมหญิง ใจดี",
            "userId": "Ua",
            "language": "th",
            "pictureUrl": platform.url_for("/pic.png"),
        }
    )
    platform.expect_request("/pic.png").respond_with_data(picture(), content_type="image/png")
    identity = newcomer()
    profile_fetch(identity_id=identity.pk)
    contact = Contact.objects.get()
    assert contact.name == "สมหญิง ใจดี"
    assert "สมหญิง" in contact.search_text
    answer = agent_client.get(contact.picture_url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as image:  # type: ignore[attr-defined]
        assert image.size == (128, 128)
    assert Client().get(contact.picture_url).status_code == 302  # to sign-in


def test_picture_that_is_no_picture_costs_only_the_picture(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json(
        {"displayName": "Nan", "userId": "Ua", "pictureUrl": platform.url_for("/pic.png")}
    )
    platform.expect_request("/pic.png").respond_with_data("<svg onload=alert(1)>", content_type="image/png")
    identity = newcomer()
    profile_fetch(identity_id=identity.pk)
    contact = Contact.objects.get()
    assert (contact.name, contact.picture_url) == ("Nan", "")


def test_picture_from_a_private_or_foreign_host_is_not_fetched(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json(
        {"displayName": "Nan", "userId": "Ua", "pictureUrl": "http://127.0.0.1:1/secret"}
    )
    identity = newcomer()
    profile_fetch(identity_id=identity.pk)
    assert Contact.objects.get().picture_url == ""


def test_name_typed_by_staff_stays(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json({"displayName": "xX_nan_Xx", "userId": "Ua"})
    identity = newcomer()
    contact = Contact.objects.get()
    contact.name, contact.name_is_manual = "คุณแนน", True
    contact.save()
    profile_fetch(identity_id=identity.pk)
    contact.refresh_from_db()
    identity.refresh_from_db()
    assert (contact.name, identity.profile_name) == ("คุณแนน", "xX_nan_Xx")


def test_unavailable_is_not_asked_again(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json({"message": "Not found"}, status=404)
    identity = newcomer()
    for _ in range(3):
        profile_fetch(identity_id=identity.pk)
    identity.refresh_from_db()
    assert identity.profile_state == ProfileState.UNAVAILABLE
    assert len(platform.log) == 1
    assert Contact.objects.get().name == "LINE customer ua"


def test_server_error_waits_longer_each_time(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json({"message": "oops"}, status=500)
    identity = newcomer()
    waits = []
    for _ in range(3):
        before = timezone.now()
        for _ in range(2):  # the second has to wait
            profile_fetch(identity_id=identity.pk)
        identity.refresh_from_db()
        waits.append((identity.profile_next_at - before).total_seconds())
        Identity.objects.update(profile_next_at=timezone.now())
    assert (identity.profile_state, identity.profile_tries) == (ProfileState.PENDING, 3)
    assert waits == [pytest.approx(seconds, abs=5) for seconds in (30, 60, 120)]
    assert len(platform.log) == 3


def test_dead_token_marks_the_connection_and_stops(platform: HTTPServer) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json({"message": "Authentication failed"}, status=401)
    identity = newcomer()
    profile_fetch(identity_id=identity.pk)
    profile_fetch(identity_id=identity.pk)
    assert Connection.objects.get().state == ConnectionState.RECONNECT
    assert len(platform.log) == 1
    channel = Channel.objects.get()  # and ingest goes on
    assert post_line(channel, line_body(line_event("Ua", "2"))).status_code == 200


@pytest.mark.parametrize("change", ["disconnected", "new token"])
def test_a_dead_token_says_nothing_of_what_came_after_it(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner disconnects, or pastes a new token, while the platform is being asked."""
    identity = newcomer()
    connection = Connection.objects.get()

    class Asked:
        def profile(self, *args: Any) -> None:
            if change == "disconnected":
                connection_disconnect(connection_id=connection.pk)
            else:
                connection.token = "new"
                connection.save()
            raise TokenDead("refused", code="x" * 300)

    monkeypatch.setattr(profiles, "adapter_for", lambda platform: Asked())
    profile_fetch(identity_id=identity.pk)
    after = ConnectionState.DISCONNECTED if change == "disconnected" else ConnectionState.CONNECTED
    assert Connection.objects.get().state == after


@pytest.mark.parametrize("url", ["https://a.fbcdn.net:99999/p", "https://[/p", f"https://{'a' * 64}.fbcdn.net/p"])
def test_picture_at_no_url_costs_only_the_picture(platform: HTTPServer, url: str) -> None:
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json(
        {"displayName": "Nan", "userId": "Ua", "pictureUrl": url}
    )
    profile_fetch(identity_id=newcomer().pk)
    contact = Contact.objects.get()
    assert (contact.name, contact.picture_url) == ("Nan", "")


def test_graph_profile(platform: HTTPServer) -> None:
    platform.expect_request("/v25.0/9001").respond_with_json({"name": "Nattaya B", "id": "9001"})
    identity = newcomer("facebook")
    profile_fetch(identity_id=identity.pk)
    assert Contact.objects.get().name == "Nattaya B"


def test_a_picture_that_did_not_come_is_asked_for_again(platform: HTTPServer) -> None:
    """The link had ended: the profile is asked for once more, for a fresh one, and the name is there meanwhile."""
    links = iter(["/old.png", "/new.png"])
    platform.expect_request("/old.png").respond_with_data("", status=404)
    platform.expect_request("/new.png").respond_with_data(picture(), content_type="image/png")

    def answer(_: Request) -> Response:
        link = platform.url_for(next(links))
        return Response(f'{{"displayName": "Nan", "pictureUrl": "{link}"}}', mimetype="text/json")

    platform.expect_request("/v2/bot/profile/Ua").respond_with_handler(answer)
    identity = newcomer()
    profile_fetch(identity_id=identity.pk)
    identity.refresh_from_db()
    assert (Contact.objects.get().name, identity.profile_state) == ("Nan", ProfileState.PENDING)
    assert identity.profile_next_at > timezone.now()
    Identity.objects.update(profile_next_at=timezone.now())
    profile_fetch(identity_id=identity.pk)
    identity.refresh_from_db()
    assert (identity.profile_state, identity.profile_tries) == (ProfileState.FETCHED, 0)
    assert identity.picture


def test_a_picture_that_never_comes_is_given_up(platform: HTTPServer) -> None:
    link = platform.url_for("/gone.png")
    platform.expect_request("/v2/bot/profile/Ua").respond_with_json({"displayName": "Nan", "pictureUrl": link})
    platform.expect_request("/gone.png").respond_with_data("", status=404)
    identity = newcomer()
    for _ in range(6):
        profile_fetch(identity_id=identity.pk)
        Identity.objects.update(profile_next_at=timezone.now())
    identity.refresh_from_db()
    assert identity.profile_state == ProfileState.FETCHED
    assert len([request for request, _ in platform.log if request.path == "/gone.png"]) == 4


def test_a_picture_taken_down_is_deleted(
    platform: HTTPServer, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    link = platform.url_for("/pic.png")
    platform.expect_ordered_request("/v2/bot/profile/Ua").respond_with_json({"displayName": "A", "pictureUrl": link})
    platform.expect_ordered_request("/pic.png").respond_with_data(picture(), content_type="image/png")
    # The same link is the same picture: it is not fetched again.
    platform.expect_ordered_request("/v2/bot/profile/Ua").respond_with_json({"displayName": "B", "pictureUrl": link})
    platform.expect_ordered_request("/v2/bot/profile/Ua").respond_with_json({"displayName": "C"})
    identity = newcomer()
    kept = []
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            profile_fetch(identity_id=identity.pk)
        kept.append(len(list((tmp_path / "pictures").iterdir())))
        Identity.objects.update(profile_state=ProfileState.PENDING, profile_next_at=timezone.now())
    assert kept == [1, 1, 0]
    assert (Contact.objects.get().name, Contact.objects.get().picture_url) == ("C", "")


@pytest.mark.parametrize("code", [4, 17, 32, 613])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 30),
        ({"Retry-After": "90"}, 90),
        ({"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": 3}]}'}, 180),
    ],
)
def test_the_wait_that_graph_names_holds_for_the_page(
    platform: HTTPServer, code: int, headers: dict[str, str], seconds: int
) -> None:
    error = {"error": {"message": "limit", "code": code}}
    platform.expect_request("/v25.0/9001").respond_with_json(error, status=400, headers=headers)
    identity = newcomer("facebook")
    for _ in range(2):
        profile_fetch(identity_id=identity.pk)
    assert len(platform.log) == 1
    waits = redis_client.client().ttl(redis_client.key(f"profiles:pause:{identity.channel_id}"))
    assert waits == pytest.approx(seconds, abs=2)
    identity.refresh_from_db()
    assert (identity.profile_state, identity.profile_tries) == (ProfileState.PENDING, 0)


def test_a_missing_permission_is_no_outage_and_waits_for_hours(platform: HTTPServer) -> None:
    error = {"error": {"message": "no", "code": 200}}
    platform.expect_request("/v25.0/9001").respond_with_json(error, status=403)
    identity = newcomer("facebook")
    profile_fetch(identity_id=identity.pk)
    identity.refresh_from_db()
    assert (identity.profile_tries, Connection.objects.get().state) == (1, ConnectionState.CONNECTED)
    assert identity.profile_next_at > timezone.now() + profiles.LONGEST_WAIT
    assert pacing.paused([identity.channel_id]) == set()
