"""Connecting a WhatsApp number and a Telegram bot: page, command, secrets, and posting a fixture to them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from channels_ingest.models import Connection, ConnectionState, MetaCredential
from channels_ingest.sandbox.server import Sandbox, running
from contacts.models import Channel, Contact, Identity

from .posts import post_meta, post_telegram, telegram_body, whatsapp_body, whatsapp_message

pytestmark = pytest.mark.django_db
BOT_TOKEN = "6100000001:AAF-sandbox_token"
NUMBER = "106600000000101"
FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def platforms(settings: Any) -> Any:
    """Both platforms' APIs, and a public address of our own."""
    with running() as server:
        server.directory.accounts.update(
            {
                "token-wa": {"id": NUMBER, "name": "LIV", "waba": "104900000000777"},
                BOT_TOKEN: {"id": "6100000001", "name": "LIV bot"},
            }
        )
        settings.GRAPH_API_BASE_URL = settings.TELEGRAM_API_BASE_URL = server.url
        settings.PUBLIC_BASE_URL = "https://crm.example.com"
        yield server


def page(client: Client) -> str:
    return client.get("/channels/").content.decode()


def run(*args: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("connect_channel", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_connect_telegram_needs_the_token_only(owner_client: Client, platforms: Sandbox) -> None:
    form = owner_client.get("/channels/connect/telegram/").content.decode()
    assert "Bot token" in form and "@BotFather" in form
    assert 'name="secret"' not in form and 'name="verify_token"' not in form
    assert owner_client.post("/channels/connect/telegram/", {"token": BOT_TOKEN}).status_code == 302
    connection = Connection.objects.select_related("channel").get()
    assert (connection.channel.external_id, connection.channel.name) == ("6100000001", "LIV bot")
    assert (connection.state, connection.missing) == (ConnectionState.CONNECTED, [])
    given = platforms.directory.telegram_webhooks[BOT_TOKEN]
    assert given["url"] == f"https://crm.example.com/webhooks/telegram/{connection.webhook_key}/"
    assert [given["secret_token"]] == connection.secrets  # made up by us
    assert len(given["secret_token"]) >= 32
    html = page(owner_client)
    assert given["url"] in html and given["secret_token"] not in html and BOT_TOKEN not in html
    assert "All set" in html
    answer = post_telegram(connection.channel, telegram_body(5, 1, first_name="Mali"), secret=given["secret_token"])
    assert answer.status_code == 200 and Contact.objects.get().name == "Mali"


def test_new_telegram_secret_is_told_to_telegram_and_the_old_one_goes_on(
    owner_client: Client, platforms: Sandbox
) -> None:
    owner_client.post("/channels/connect/telegram/", {"token": BOT_TOKEN})
    connection = Connection.objects.select_related("channel").get()
    old = connection.secrets[0]
    edit = f"/channels/{connection.pk}/edit/"
    assert owner_client.post(edit, {"name": "LIV bot", "secret": "not allowed!"}).status_code == 422
    assert owner_client.post(edit, {"name": "LIV bot", "secret": "new_Secret-1"}).status_code == 302
    connection.refresh_from_db()
    assert connection.secrets == ["new_Secret-1", old]
    assert platforms.directory.telegram_webhooks[BOT_TOKEN]["secret_token"] == "new_Secret-1"
    for number, secret in enumerate(("new_Secret-1", old)):
        assert post_telegram(connection.channel, telegram_body(5, number + 1), secret=secret).status_code == 200


def test_connect_telegram_out_of_reach_knows_the_bot_by_its_token(owner_client: Client, settings: Any) -> None:
    settings.TELEGRAM_API_BASE_URL = "http://127.0.0.1:9"
    assert owner_client.post("/channels/connect/telegram/", {"token": BOT_TOKEN}).status_code == 302
    assert Channel.objects.get().external_id == "6100000001"
    assert "did not confirm the token" in page(owner_client)


def test_connect_whatsapp(owner_client: Client, platforms: Sandbox) -> None:
    sent = {"token": "token-wa", "external_id": NUMBER, "secret": "S3cret", "verify_token": "V3rify"}
    assert owner_client.post("/channels/connect/whatsapp/", sent).status_code == 302
    connection = Connection.objects.select_related("channel").get()
    assert (connection.channel.external_id, connection.channel.name) == (NUMBER, "LIV")
    assert (connection.state, connection.missing, connection.secrets) == (ConnectionState.CONNECTED, [], [])
    assert {one.kind: one.value for one in MetaCredential.objects.all()} == {
        "app_secret": "S3cret",
        "verify_token": "V3rify",
    }
    html = page(owner_client)
    assert "https://crm.example.com/webhooks/whatsapp/" in html and "set the callback URL" in html
    body = whatsapp_body(whatsapp_message("66812345678", "wamid.1"))
    assert post_meta("whatsapp", body, secret="S3cret").status_code == 200
    assert Identity.objects.count() == 1


def test_whatsapp_form_asks_for_the_number(owner_client: Client, platforms: Sandbox) -> None:
    form = owner_client.get("/channels/connect/whatsapp/").content.decode()
    assert "Phone number id" in form and "<details" not in form.split("sheet-form")[1]
    missing = owner_client.post("/channels/connect/whatsapp/", {"token": "token-wa"})
    assert missing.status_code == 422 and "a token does not tell it" in missing.content.decode()
    wrong = owner_client.post("/channels/connect/whatsapp/", {"token": "token-wa", "external_id": "5"})
    assert wrong.status_code == 422 and "sees no such phone number id" in wrong.content.decode()
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("platform", "sent"),
    [
        ("telegram", {"token": "1:dead"}),
        ("telegram", {"token": "x y"}),
        ("whatsapp", {"token": "dead", "external_id": "1"}),
    ],
)
def test_dead_token_is_told_in_place(
    owner_client: Client, platforms: Sandbox, platform: str, sent: dict[str, str]
) -> None:
    response = owner_client.post(f"/channels/connect/{platform}/", sent)
    assert response.status_code == 422
    assert "The platform refused this token" in response.content.decode()
    assert sent["token"] not in response.content.decode()


def test_both_are_offered_and_filtered_like_the_rest(owner_client: Client) -> None:
    html = page(owner_client)
    for platform in ("whatsapp", "telegram"):
        assert f'href="/channels/connect/{platform}/"' in html
    run("--platform", "telegram", "--external-id", "6100000001", "--name", "LIV bot")
    assert "paste the bot&#x27;s token" in page(owner_client)
    run("--platform", "whatsapp", "--external-id", NUMBER, "--name", "LIV", "--secret", "s")
    post_meta("whatsapp", whatsapp_body(whatsapp_message("66812345678", "wamid.1")), secret="s")
    listed = owner_client.get("/contacts/?platform=whatsapp").content.decode()
    assert "WhatsApp customer 5678" in listed and 'value="telegram"' in listed
    assert "#p-wa" in listed
    assert "WhatsApp customer 5678" not in owner_client.get("/contacts/?platform=telegram").content.decode()


def test_command_for_telegram_makes_a_secret_and_keeps_it() -> None:
    args = ("--platform", "telegram", "--external-id", "6100000001", "--name", "LIV bot")
    first, _ = run(*args)
    secrets = Connection.objects.get().secrets
    second, _ = run(*args)
    key = Connection.objects.get().webhook_key
    assert first == second and first.splitlines()[-1].endswith(f"/webhooks/telegram/{key}/")
    assert Connection.objects.get().secrets == secrets != []
    with pytest.raises(CommandError, match="--secret"):
        run(*args, "--secret", "ลับ")
    run(*args, "--secret", "chosen")  # there is no token to tell it with: that is no dead token
    assert Connection.objects.get().state == ConnectionState.UNCHECKED


def test_command_for_whatsapp(platforms: Sandbox) -> None:
    out, err = run("--platform", "whatsapp", "--external-id", NUMBER, "--secret", "s", "--token", "token-wa")
    assert out.splitlines()[-1] == "https://crm.example.com/webhooks/whatsapp/"
    assert err == "" and Channel.objects.get().name == "LIV"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("platform", ["whatsapp", "telegram"])
def test_send_fixture(live_server: Any, platform: str) -> None:
    out = StringIO()
    file = FIXTURES / platform / "message__text.json"
    if platform == "telegram":
        run("--platform", "telegram", "--external-id", "6100000001")
    connect = [] if platform == "telegram" else ["--connect"]
    call_command("send_fixture", str(file), "--base-url", live_server.url, *connect, stdout=out)
    assert out.getvalue().startswith("200 ")
    assert Contact.objects.get().name == "มะลิ วงศ์ทอง"
    assert json.loads(file.read_text("utf-8"))
