"""The channels page against stand-ins of the platforms: connect, edit, check, disconnect, roles, closed secrets."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer

from channels_ingest import services_connect
from channels_ingest.models import Connection, ConnectionState, MetaCredential
from channels_ingest.platforms.base import Connected
from contacts.models import Channel, Identity

from .posts import line_body, line_event, page_body, page_item, post_line, post_meta

pytestmark = pytest.mark.django_db
BOT = "U" + "c" * 32
SECRETS = {"secret": "S3cret-value", "token": "T0ken-value"}
META = {**SECRETS, "verify_token": "V3rify-value"}
DEAD = {"error": {"message": "Session expired", "type": "OAuthException", "code": 190}}


@pytest.fixture
def platforms(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    """All platforms' APIs stand here; nothing is answered until a test says so."""
    for name in ("LINE_API_BASE_URL", "GRAPH_API_BASE_URL", "INSTAGRAM_API_BASE_URL"):
        setattr(settings, name, httpserver.url_for("").rstrip("/"))
    settings.PUBLIC_BASE_URL = "https://crm.example.com"
    return httpserver


def line_answers(server: HTTPServer, *, active: bool = True, bot: str = BOT) -> None:
    server.expect_request("/v2/bot/info").respond_with_json({"userId": bot, "displayName": "ร้านสายฟ้า"})
    server.expect_request("/v2/bot/channel/webhook/endpoint", method="PUT").respond_with_json({})
    server.expect_request("/v2/bot/channel/webhook/endpoint", method="GET").respond_with_json({"active": active})


def meta_answers(server: HTTPServer, account: str, me: dict[str, str], *, subscribed: bool = True) -> None:
    server.expect_request("/v25.0/me").respond_with_json(me)
    server.expect_request(f"/v25.0/{account}/subscribed_apps", method="POST").respond_with_json({"success": subscribed})


def connect(client: Client, platform: str, sent: dict[str, str]) -> Any:
    return client.post(f"/channels/connect/{platform}/", sent)


def page(client: Client) -> str:
    return client.get("/channels/").content.decode()


def requests_to(server: HTTPServer, path: str, method: str) -> list[Any]:
    return [request for request, _ in server.log if request.path == path and request.method == method]


def test_connect_line(owner_client: Client, platforms: HTTPServer) -> None:
    line_answers(platforms, active=False)
    response = connect(owner_client, "line", SECRETS)
    connection = Connection.objects.select_related("channel").get()
    assert response.headers["Location"] == f"/channels/#channel-{connection.pk}"
    assert (connection.channel.external_id, connection.channel.name) == (BOT, "ร้านสายฟ้า")
    assert (connection.state, connection.secrets, connection.token) == (
        ConnectionState.CONNECTED,
        ["S3cret-value"],
        "T0ken-value",
    )
    url = f"https://crm.example.com/webhooks/line/{connection.webhook_key}/"
    put = requests_to(platforms, "/v2/bot/channel/webhook/endpoint", "PUT")
    assert [request.json for request in put] == [{"endpoint": url}]
    assert put[0].headers["Authorization"] == "Bearer T0ken-value"
    html = page(owner_client)
    for words in (url, "ร้านสายฟ้า is connected", "switch on “Use webhook”"):
        assert words in html
    event = line_body(line_event("Ua", "1"), destination=BOT)
    assert post_line(connection.channel, event, secret="S3cret-value").status_code == 200
    assert Identity.objects.count() == 1


@pytest.mark.parametrize(
    ("platform", "me", "name"),
    [
        ("facebook", {"id": "77", "name": "LIV"}, "LIV"),
        ("instagram", {"id": "5", "user_id": "77", "username": "lightme"}, "lightme"),
    ],
)
def test_connect_meta(
    owner_client: Client, platforms: HTTPServer, platform: str, me: dict[str, str], name: str
) -> None:
    meta_answers(platforms, "77", me)
    assert connect(owner_client, platform, META).status_code == 302
    connection = Connection.objects.select_related("channel").get()
    assert (connection.channel.external_id, connection.channel.name) == ("77", name)
    assert connection.state == ConnectionState.CONNECTED
    subscribed = requests_to(platforms, "/v25.0/77/subscribed_apps", "POST")
    assert "messages" in subscribed[-1].args["subscribed_fields"].split(",")
    assert {one.kind: one.value for one in MetaCredential.objects.all()} == {
        "app_secret": "S3cret-value",
        "verify_token": "V3rify-value",
    }
    html = page(owner_client)
    assert f"https://crm.example.com/webhooks/{platform}/" in html
    assert "set the callback URL" in html
    query = {"hub.mode": "subscribe", "hub.verify_token": "V3rify-value", "hub.challenge": "42"}
    assert Client().get(f"/webhooks/{platform}/", query).content == b"42"
    body = page_body(page_item("9", "m1", page="77"), page="77", object="page" if name == "LIV" else "instagram")
    assert post_meta(platform, body, secret="S3cret-value").status_code == 200
    assert Identity.objects.count() == 1


def test_missing_steps_are_listed(owner_client: Client, platforms: HTTPServer, settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "http://localhost:8000"
    meta_answers(platforms, "77", {"id": "77", "name": "LIV"}, subscribed=False)
    connect(owner_client, "facebook", {"token": "T0ken-value"})
    html = page(owner_client)
    for words in ("public https address", "Subscribing failed", "type the app secret", "choose a verify token"):
        assert words in html


@pytest.mark.parametrize("platform", ["line", "facebook", "instagram"])
def test_dead_token_is_told_in_place(owner_client: Client, platforms: HTTPServer, platform: str) -> None:
    platforms.expect_request("/v2/bot/info").respond_with_json({"message": "no"}, status=401)
    platforms.expect_request("/v25.0/me").respond_with_json(DEAD, status=400)
    response = connect(owner_client, platform, {**META, "name": "Typed name"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "The platform refused this token" in html
    assert 'value="Typed name"' in html
    assert not any(secret in html for secret in META.values())
    assert not Channel.objects.exists()
    assert not MetaCredential.objects.exists()


@pytest.mark.parametrize("platform", ["line", "facebook", "instagram"])
def test_unreachable_platform_and_a_typed_id(owner_client: Client, settings: Any, platform: str) -> None:
    for name in ("LINE_API_BASE_URL", "GRAPH_API_BASE_URL", "INSTAGRAM_API_BASE_URL"):
        setattr(settings, name, "http://127.0.0.1:9")
    refused = connect(owner_client, platform, META)
    assert refused.status_code == 422
    assert "did not answer" in refused.content.decode()
    assert not Channel.objects.exists()
    assert connect(owner_client, platform, {**META, "external_id": "Uabc"}).status_code == 302
    connection = Connection.objects.select_related("channel").get()
    assert (connection.channel.external_id, connection.state) == ("Uabc", ConnectionState.UNCHECKED)
    html = page(owner_client)
    assert "did not confirm the token: press Check again" in html
    assert "is connected." not in html


def test_token_of_another_account_is_refused(owner_client: Client, platforms: HTTPServer) -> None:
    line_answers(platforms)
    refused = connect(owner_client, "line", {**SECRETS, "external_id": "Uother"})
    assert refused.status_code == 422
    assert f"another account: {BOT}" in refused.content.decode()
    assert not Channel.objects.exists()


@pytest.mark.parametrize("sent", [{"token": ""}, {"token": "T0ken-value"}, {"secret": "s"}, {"external_id": "x" * 256}])
def test_incomplete_line_form_connects_nothing(
    owner_client: Client, platforms: HTTPServer, sent: dict[str, str]
) -> None:
    line_answers(platforms)
    assert connect(owner_client, "line", sent).status_code == 422
    assert not Channel.objects.exists()


@pytest.fixture
def line(owner_client: Client, platforms: HTTPServer) -> Connection:
    """A connected LINE account of provider p."""
    line_answers(platforms)
    connect(owner_client, "line", {**SECRETS, "provider": "p"})
    return Connection.objects.select_related("channel").get()


def test_secrets_are_in_no_page(owner_client: Client, line: Connection) -> None:
    paths = ["/channels/", f"/channels/{line.pk}/edit/", f"/channels/{line.pk}/disconnect/", "/channels/connect/line/"]
    html = "".join(owner_client.get(path).content.decode() for path in paths)
    edit = {"name": "", "secret": "N3w-secret", "token": "T0ken-value"}
    refused = owner_client.post(f"/channels/{line.pk}/edit/", edit)
    assert refused.status_code == 422
    html += refused.content.decode()
    for secret in (*SECRETS.values(), "N3w-secret"):
        assert secret not in html


def test_edit_renames_and_rotates(owner_client: Client, line: Connection) -> None:
    for number in (2, 3):
        edit = {"name": "New name", "secret": f"secret-{number}", "follow_makes_contact": "on"}
        assert owner_client.post(f"/channels/{line.pk}/edit/", edit).status_code == 302
    line.refresh_from_db()
    assert (line.secrets, line.token, line.state) == (["secret-3", "secret-2"], "T0ken-value", "connected")
    channel = Channel.objects.get()
    assert (channel.name, channel.follow_makes_contact, channel.scope) == ("New name", True, "line:provider:p")


def test_a_provider_named_later_brings_the_people_along(owner_client: Client, line: Connection) -> None:
    post_line(line.channel, line_body(line_event("Ua", "1"), destination=BOT), secret="S3cret-value")
    url = f"/channels/{line.pk}/edit/"
    owner_client.post(url, {"name": "Saifa", "provider": " LIV "})
    assert Identity.objects.get().scope == Channel.objects.get().scope == "line:provider:LIV"
    assert 'value="LIV"' in owner_client.get(url).content.decode()
    owner_client.post(url, {"name": "Saifa", "provider": ""})
    assert Identity.objects.get().scope == Channel.objects.get().scope == f"line:{BOT}"


def test_when_secrets_were_set_is_told(owner_client: Client, line: Connection, platforms: HTTPServer) -> None:
    assert owner_client.get(f"/channels/{line.pk}/edit/").content.decode().count("•••• ") == 2
    meta_answers(platforms, "77", {"id": "77", "name": "LIV"})
    connect(owner_client, "facebook", META)
    page_connection = Connection.objects.get(channel__platform="facebook")
    assert owner_client.get(f"/channels/{page_connection.pk}/edit/").content.decode().count("•••• ") == 3


def test_a_line_account_without_a_secret_says_so(owner_client: Client) -> None:
    services_connect.connection_connect(platform="line", external_id=BOT, name="Saifa Shop")
    assert "LINE signs every message with the channel secret" in page(owner_client)


def test_only_connecting_brings_a_disconnected_account_back(line: Connection) -> None:
    services_connect.connection_disconnect(connection_id=line.pk)
    services_connect.connection_edit(connection_id=line.pk, name="Renamed", follow_makes_contact=None)
    line.refresh_from_db()
    assert line.state == ConnectionState.DISCONNECTED


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"external_id": "x" * 256}, "external_id"),
        ({"external_id": "a\x00"}, "external_id"),
        ({"provider": "p" * 201}, "provider"),
    ],
)
def test_the_service_refuses_what_its_columns_cannot_hold(db: None, given: dict[str, Any], fault: str) -> None:
    with pytest.raises(services_connect.ConnectFault) as refused:
        services_connect.connection_connect(**{"platform": "line", "external_id": BOT, "name": "n"} | given)
    assert refused.value.fault == fault
    assert not Channel.objects.exists()


def test_queries_do_not_grow_with_channels(owner_client: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        channel = Channel.objects.create(platform="line", external_id=f"U{number}", name=f"Shop {number}")
        Connection.objects.create(channel=channel, secrets=["s"], token="t")
    # session, user, groups, shop, alerts twice, credentials twice, connections, names waited for, counts, notices,
    # unread chats
    with django_assert_max_num_queries(13):
        owner_client.get("/channels/")


@pytest.mark.parametrize(("bot", "status", "words"), [("", 401, "refused this token"), ("Ux", 200, "another account")])
def test_edit_keeps_the_working_token(
    owner_client: Client, line: Connection, platforms: HTTPServer, bot: str, status: int, words: str
) -> None:
    platforms.clear()
    platforms.expect_request("/v2/bot/info").respond_with_json({"userId": bot}, status=status)
    response = owner_client.post(f"/channels/{line.pk}/edit/", {"name": "New", "token": "wrong"})
    assert response.status_code == 422
    assert words in response.content.decode()
    line.refresh_from_db()
    assert (line.token, line.state) == ("T0ken-value", ConnectionState.CONNECTED)


def test_check_again_tells_what_it_found(owner_client: Client, line: Connection, platforms: HTTPServer) -> None:
    def check() -> str:
        assert owner_client.post(f"/channels/{line.pk}/check/").status_code == 302
        return page(owner_client)

    assert "The platform confirmed the token." in check()
    platforms.clear()
    platforms.expect_request("/v2/bot/info").respond_with_json({}, status=500)
    assert "did not confirm the token (500)" in check()
    line.refresh_from_db()
    assert line.state == ConnectionState.CONNECTED  # out of reach says nothing of the token
    platforms.clear()
    platforms.expect_request("/v2/bot/info").respond_with_json({}, status=401)
    assert "Reconnect needed" in check()
    platforms.clear()
    line_answers(platforms)
    assert "The platform confirmed the token." in check()


def test_disconnected_while_being_checked_stays_so(
    owner_client: Client, line: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: Any, **__: Any) -> Connected:
        services_connect.connection_disconnect(connection_id=line.pk)
        return Connected(BOT, "ร้านสายฟ้า")

    monkeypatch.setattr("channels_ingest.platforms.line.connect", slow)
    owner_client.post(f"/channels/{line.pk}/check/")
    line.refresh_from_db()
    assert line.state == ConnectionState.DISCONNECTED


def test_disconnect_and_connect_again_keeps_contacts(owner_client: Client, line: Connection) -> None:
    event = line_body(line_event("Ua", "1"), destination=BOT)
    post_line(line.channel, event, secret="S3cret-value")
    before = Identity.objects.get()
    assert owner_client.get(f"/channels/{line.pk}/disconnect/").status_code == 200
    owner_client.post(f"/channels/{line.pk}/disconnect/")
    line.refresh_from_db()
    assert (line.state, line.secrets, line.token) == (ConnectionState.DISCONNECTED, [], "")
    assert post_line(line.channel, event, secret="S3cret-value").status_code in (403, 404)
    # An edit cannot bring it back without secrets.
    edited = owner_client.post(f"/channels/{line.pk}/edit/", {"name": "Zombie"})
    assert edited.headers["Location"] == "/channels/connect/line/"
    connect(owner_client, "line", SECRETS)
    line.refresh_from_db()
    assert (Connection.objects.count(), line.state) == (1, ConnectionState.CONNECTED)
    again = line_body(line_event("Ua", "2"), destination=BOT)
    assert post_line(line.channel, again, secret="S3cret-value").status_code == 200
    after = Identity.objects.get()
    assert (after.pk, after.contact_id, after.scope) == (before.pk, before.contact_id, "line:provider:p")


@pytest.mark.parametrize("role", ["agent_client", "marketer_client", "outsider_client"])
def test_owners_only(request: pytest.FixtureRequest, role: str, line: Connection) -> None:
    client = request.getfixturevalue(role)
    for path in ("", "connect/line/", f"{line.pk}/edit/", f"{line.pk}/check/", f"{line.pk}/disconnect/"):
        assert client.get(f"/channels/{path}").status_code == 403
        assert client.post(f"/channels/{path}", SECRETS).status_code == 403
        assert Client().post(f"/channels/{path}", SECRETS).status_code == 302
    line.refresh_from_db()
    assert line.state == ConnectionState.CONNECTED


@pytest.mark.parametrize("path", ["connect/fax/", "0/edit/", "2147483648/disconnect/", "9999/edit/"])
def test_unknown_is_not_found(owner_client: Client, path: str) -> None:
    assert owner_client.get(f"/channels/{path}").status_code == 404
