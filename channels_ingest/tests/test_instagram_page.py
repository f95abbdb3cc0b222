"""Instagram through its Facebook page: the page's token at Facebook's host, the account's id in webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.test import Client as Browser
from pytest_httpserver import HTTPServer

from channels_ingest.clients import client_for
from channels_ingest.models import Connection, ConnectionState
from channels_ingest.platforms import instagram, ways
from channels_ingest.platforms.base import Client, Connected, Outgoing, Rejected, TokenDead
from channels_ingest.profiles import profile_fetch
from channels_ingest.sandbox.server import Sandbox, running
from contacts.models import Contact, Identity

from .posts import IG, page_body, page_item, post_meta

PEOPLE = {"instagram": {"926": {"name": "Nok Lights", "username": "nok.lights"}}}
PAGE = {"id": "104857600112233", "name": "LIV", "instagram_id": IG, "instagram_name": "liv.th"}
LONE_PAGE = {"id": "104857600112234", "name": "No Instagram"}
NONCE = "5f0c1c1e-6d1f-4a55-9f0e-2a1d3b4c5d6e"
HOOK = "https://crm.saifa.example/webhooks/instagram/"


@pytest.fixture
def sandbox(settings: Any) -> Iterator[Sandbox]:
    with running() as server:
        accounts = {"EApage": PAGE, "odd-page": PAGE, "EAlone": LONE_PAGE, "IGtoken": {"id": IG, "name": "liv.th"}}
        server.directory.load({"accounts": accounts, "people": PEOPLE})
        settings.SANDBOX_BASE_URL = server.url
        settings.PUBLIC_BASE_URL = "https://crm.example.com"
        yield server


def client(sandbox: Sandbox, token: str = "EApage", account_id: str = "") -> Client:
    return Client(base_url=sandbox.url, token=token, account_id=account_id, via_page=True)


def test_the_account_behind_a_page(sandbox: Sandbox) -> None:
    assert instagram.account(client(sandbox)) == Connected(IG, "liv.th", via_page=True)
    assert [call.method for call in sandbox.directory.calls] == ["GET"]


def test_the_page_is_subscribed_and_keeps_the_fields_it_has(sandbox: Sandbox) -> None:
    assert instagram.connect(client(sandbox, account_id=IG), HOOK) == Connected(IG, "liv.th", via_page=True)
    assert sandbox.directory.subscribed == {("EApage", "me"): "messages"}
    sandbox.directory.subscribed["EApage", "me"] = "feed,leadgen"
    assert instagram.connect(client(sandbox), HOOK).was_off is False
    assert sandbox.directory.subscribed == {("EApage", "me"): "messages,feed,leadgen"}


def test_errors(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected) as caught:
        instagram.account(client(sandbox, token="EAlone"))
    assert caught.value.code == "no_user_id"
    with pytest.raises(Rejected) as caught:
        instagram.account(client(sandbox, account_id="17841409999999999"))
    assert caught.value.code == "account_mismatch"
    with pytest.raises(TokenDead):
        instagram.connect(client(sandbox, token="EAdead"), HOOK)


def test_profile_and_reply_go_through_the_page(sandbox: Sandbox) -> None:
    assert instagram.profile(client(sandbox, account_id=IG), "926").username == "nok.lights"
    assert instagram.send(client(sandbox, account_id=IG), Outgoing("926", "ส่งแล้วค่ะ", NONCE))
    assert [call.path for call in sandbox.directory.calls] == ["/v25.0/926", "/v25.0/me/messages"]


@pytest.mark.parametrize(
    ("platform", "token", "expected"),
    [
        ("instagram", "IGQWR", (False,)),
        ("instagram", "EAAB", (True,)),
        ("instagram", "else", (False, True)),
        ("facebook", "EAAB", (False,)),
        ("line", "IG", (False,)),
    ],
)
def test_what_a_token_tells_of_itself(platform: str, token: str, expected: tuple[bool, ...]) -> None:
    assert ways(platform, token) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(("token", "via_page"), [("EApage", True), ("odd-page", True), ("IGtoken", False)])
def test_the_command_takes_either_token(sandbox: Sandbox, token: str, via_page: bool) -> None:
    err = StringIO()
    arguments = ["--platform", "instagram", "--external-id", IG, "--token", token, "--secret", "app-secret"]
    call_command("connect_channel", *arguments, "--sandbox", stdout=StringIO(), stderr=err)
    assert err.getvalue() == ""
    connection = Connection.objects.select_related("channel").get()
    assert (connection.state, connection.via_page) == (ConnectionState.CONNECTED, via_page)
    assert (connection.token_expires_at is None) == via_page
    post_meta("instagram", page_body(page_item("926", "m1", page=IG), page=IG, object="instagram"))
    profile_fetch(identity_id=Identity.objects.get().pk)
    assert Contact.objects.get().name == "Nok Lights"
    other = "IGtoken" if via_page else "EApage"
    call_command("connect_channel", *arguments[:5], other, "--sandbox", stdout=StringIO(), stderr=StringIO())
    connection.refresh_from_db()
    assert (connection.state, connection.via_page) == (ConnectionState.CONNECTED, not via_page)


@pytest.mark.django_db
def test_each_way_has_its_host(settings: Any) -> None:
    settings.GRAPH_API_BASE_URL, settings.INSTAGRAM_API_BASE_URL = "https://graph.example", "https://ig.example"
    call_command(
        "connect_channel", "--platform", "instagram", "--external-id", IG, stdout=StringIO(), stderr=StringIO()
    )
    connection = Connection.objects.select_related("channel").get()
    assert client_for(connection).base_url == "https://ig.example"
    connection.via_page = True
    assert client_for(connection).base_url == "https://graph.example"


@pytest.mark.django_db
def test_the_form_takes_a_pages_token_and_subscribes_only_when_it_is_sent_complete(
    owner_client: Browser, httpserver: HTTPServer, settings: Any
) -> None:
    settings.GRAPH_API_BASE_URL = httpserver.url_for("").rstrip("/")
    settings.INSTAGRAM_API_BASE_URL = "http://127.0.0.1:9"
    me = {"id": "104857600112233", "name": "LIV", "instagram_business_account": {"id": IG, "username": "liv.th"}}
    httpserver.expect_request("/v25.0/me").respond_with_json(me)
    httpserver.expect_request("/v25.0/me/subscribed_apps", method="POST").respond_with_json({"success": True})
    sent = {"token": "EApage", "secret": "s", "verify_token": "v"}
    refused = owner_client.post("/channels/connect/instagram/", {**sent, "external_id": "another"})
    assert refused.status_code == 422
    assert [request.method for request, _ in httpserver.log] == ["GET"]
    assert owner_client.post("/channels/connect/instagram/", sent).status_code == 302
    connection = Connection.objects.select_related("channel").get()
    assert (connection.channel.external_id, connection.channel.name) == (IG, "liv.th")
    assert (connection.state, connection.via_page) == (ConnectionState.CONNECTED, True)
    assert [request.path for request, _ in httpserver.log if request.method == "POST"] == ["/v25.0/me/subscribed_apps"]


def test_no_token_stands_in_what_the_sandbox_tells_of_its_calls(sandbox: Sandbox) -> None:
    instagram.refresh(Client(base_url=sandbox.url, token="IGtoken", account_id=IG))
    assert "IGtoken" not in requests.get(f"{sandbox.url}/sandbox/calls", timeout=5).text
