"""WhatsApp and Telegram against the sandbox: connect, profile and send, and where their tokens may be seen."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from channels_ingest.platforms import adapter_for, telegram, whatsapp
from channels_ingest.platforms.base import (
    Client,
    Connected,
    Outgoing,
    PlatformError,
    Rejected,
    RetryLater,
    TokenDead,
    Unavailable,
    Uncertain,
)
from channels_ingest.platforms.events import Attachment, Profile
from channels_ingest.sandbox.server import Sandbox, running

NONCE = "5f0c1c1e-6d1f-4a55-9f0e-2a1d3b4c5d6e"
HOOK = "https://crm.saifa.example/webhooks/telegram/k/"
BOT_TOKEN = "6100000001:AAF-sandbox_token"
ACCOUNTS = {
    "token-wa": {"id": "106600000000101", "name": "LIV", "waba": "104900000000777"},
    "token-wa-no-health": {"id": "106600000000101", "name": "LIV", "waba": "104900000000777"},
    BOT_TOKEN: {"id": "6100000001", "name": "LIV bot"},
    BOT_TOKEN + "webhook-failing": {"id": "6100000001", "name": "LIV bot"},
}
PEOPLE = {"telegram": {"7200000001": {"name": "มะลิ วงศ์ทอง", "username": "mali_w"}, "7200000002": {"username": "only"}}}


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with running() as server:
        requests.post(f"{server.url}/sandbox/people", json={"people": PEOPLE, "accounts": ACCOUNTS}, timeout=5)
        yield server


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.directory.calls.clear()
    shared.directory.telegram_webhooks.clear()
    return shared


def number(sandbox: Sandbox, **changes: Any) -> Client:
    fields = {"base_url": sandbox.url, "token": "token-wa", "account_id": "106600000000101"}
    return Client(**fields | changes)


def bot(sandbox: Sandbox, **changes: Any) -> Client:
    fields = {"base_url": sandbox.url, "token": BOT_TOKEN, "account_id": "6100000001", "webhook_secret": "s3cret_-"}
    return Client(**fields | changes)


class TestWhatsApp:
    def test_connect_subscribes_the_account_that_the_health_status_names(self, sandbox: Sandbox) -> None:
        assert whatsapp.connect(number(sandbox), HOOK) == Connected("106600000000101", "LIV")
        assert [(call.method, call.path) for call in sandbox.directory.calls][-1] == (
            "POST",
            "/v25.0/104900000000777/subscribed_apps",
        )

    def test_account_unknown_is_a_missing_step(self, sandbox: Sandbox) -> None:
        connected = whatsapp.connect(number(sandbox, token="token-wa-no-health"), "http://127.0.0.1:8000/")
        assert connected.missing == ("webhook_not_https", "waba_unknown")

    @pytest.mark.parametrize("account_id", ["", "106600000000999"])
    def test_a_number_the_token_does_not_see(self, sandbox: Sandbox, account_id: str) -> None:
        with pytest.raises(Rejected) as caught:
            whatsapp.connect(number(sandbox, account_id=account_id), HOOK)
        assert caught.value.code == "no_number"

    def test_there_is_no_profile_to_fetch(self, sandbox: Sandbox) -> None:
        with pytest.raises(Unavailable):
            whatsapp.profile(number(sandbox), "66812345678")
        assert not sandbox.directory.calls

    def test_send(self, sandbox: Sandbox) -> None:
        message = Outgoing("66812345678", "ส่งแล้วค่ะ", NONCE, reply_to="wamid.1")
        assert whatsapp.send(number(sandbox), message).startswith("wamid.SANDBOX")
        (call,) = sandbox.directory.calls
        assert call.path == "/v25.0/106600000000101/messages"
        assert call.payload == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "66812345678",
            "type": "text",
            "text": {"body": "ส่งแล้วค่ะ"},
            "biz_opaque_callback_data": NONCE,
            "context": {"message_id": "wamid.1"},
        }

    def test_a_person_without_a_number_is_another_field(self, sandbox: Sandbox) -> None:
        assert whatsapp.send(number(sandbox), Outgoing("TH.4711000000000001", "x", NONCE))
        assert sandbox.directory.calls[0].payload["recipient"] == "TH.4711000000000001"
        assert "to" not in sandbox.directory.calls[0].payload

    @pytest.mark.parametrize(
        ("person", "kind", "code"),
        [
            ("sandbox-131047", Rejected, "131047"),
            ("sandbox-404", Rejected, "100/2018001"),
            ("sandbox-429", RetryLater, "613"),
            ("sandbox-500", RetryLater, "2"),
            ("sandbox-not_json", Uncertain, "200"),
        ],
    )
    def test_send_errors(self, sandbox: Sandbox, person: str, kind: type[PlatformError], code: str) -> None:
        with pytest.raises(PlatformError) as caught:
            whatsapp.send(number(sandbox), Outgoing(person, "x", NONCE))
        assert isinstance(caught.value, kind) and caught.value.code == code

    def test_too_long(self, sandbox: Sandbox) -> None:
        assert whatsapp.send(number(sandbox), Outgoing("66812345678", "ก" * 4096, NONCE))
        with pytest.raises(Rejected):
            whatsapp.send(number(sandbox), Outgoing("66812345678", "ก" * 4097, NONCE))


class TestTelegram:
    def test_connect_sets_the_webhook_with_our_secret(self, sandbox: Sandbox) -> None:
        assert telegram.connect(bot(sandbox), HOOK) == Connected("6100000001", "LIV bot")
        assert sandbox.directory.telegram_webhooks[BOT_TOKEN] == {
            "url": HOOK,
            "secret_token": "s3cret_-",
            "allowed_updates": list(telegram.UPDATES),
            "max_connections": 40,
        }
        assert {"message_reaction", "my_chat_member"} <= set(telegram.UPDATES)

    def test_asking_whose_token_it_is_sets_no_webhook(self, sandbox: Sandbox) -> None:
        assert telegram.connect(bot(sandbox, account_id="", webhook_secret=""), "").external_id == "6100000001"
        assert not sandbox.directory.telegram_webhooks

    @pytest.mark.parametrize(
        ("changes", "url", "missing"),
        [
            ({}, "http://127.0.0.1:8000/", ("webhook_not_https",)),
            ({"webhook_secret": ""}, HOOK, ("webhook_secret",)),
            ({"webhook_secret": "ลับ"}, HOOK, ("subscribe_failed",)),
            ({"token": BOT_TOKEN + "webhook-failing"}, HOOK, ("webhook_failing",)),
        ],
    )
    def test_missing_steps(self, sandbox: Sandbox, changes: Any, url: str, missing: tuple[str, ...]) -> None:
        assert telegram.connect(bot(sandbox, **changes), url).missing == missing

    def test_another_bot(self, sandbox: Sandbox) -> None:
        with pytest.raises(Rejected) as caught:
            telegram.connect(bot(sandbox, account_id="6100000002"), HOOK)
        assert caught.value.code == "account_mismatch"

    def test_profiles(self, sandbox: Sandbox) -> None:
        assert telegram.profile(bot(sandbox), "7200000001") == Profile("มะลิ วงศ์ทอง", username="mali_w")
        assert telegram.profile(bot(sandbox), "7200000002").name == "only"

    @pytest.mark.parametrize(
        ("person", "kind", "code"),
        [
            ("sandbox-404", Unavailable, "400"),
            ("7299999999", Unavailable, "400"),
            ("sandbox-403", Unavailable, "403"),
            ("sandbox-empty", Unavailable, "empty"),
            ("sandbox-429", RetryLater, "429"),
            ("sandbox-500", RetryLater, "500"),
            ("sandbox-not_json", RetryLater, "200"),
        ],
    )
    def test_profile_errors(self, sandbox: Sandbox, person: str, kind: type[PlatformError], code: str) -> None:
        with pytest.raises(PlatformError) as caught:
            telegram.profile(bot(sandbox), person)
        assert isinstance(caught.value, kind) and caught.value.code == code

    def test_send(self, sandbox: Sandbox) -> None:
        sent = telegram.send(bot(sandbox), Outgoing("7200000001", "ส่งแล้วค่ะ", NONCE, reply_to="7200000001:55"))
        assert sent.startswith("7200000001:")
        (call,) = sandbox.directory.calls
        assert (call.path, call.token) == ("/sendMessage", BOT_TOKEN)
        assert call.payload == {
            "chat_id": "7200000001",
            "text": "ส่งแล้วค่ะ",
            "reply_parameters": {"message_id": 55, "allow_sending_without_reply": True},
        }
        assert "authorization" not in call.headers

    @pytest.mark.parametrize(
        ("person", "kind", "code"),
        [
            ("sandbox-403", Rejected, "403"),
            ("sandbox-404", Rejected, "400"),
            ("sandbox-500", Uncertain, "500"),
            ("sandbox-not_json", Uncertain, "200"),
        ],
    )
    def test_send_errors(self, sandbox: Sandbox, person: str, kind: type[PlatformError], code: str) -> None:
        with pytest.raises(PlatformError) as caught:
            telegram.send(bot(sandbox), Outgoing(person, "x", NONCE))
        assert isinstance(caught.value, kind) and caught.value.code == code

    def test_wait_that_telegram_names(self, sandbox: Sandbox) -> None:
        with pytest.raises(RetryLater) as caught:
            telegram.send(bot(sandbox), Outgoing("sandbox-429", "x", NONCE))
        assert caught.value.after == 2

    def test_too_long(self, sandbox: Sandbox) -> None:
        with pytest.raises(Rejected):
            telegram.send(bot(sandbox), Outgoing("7200000001", "ก" * 4097, NONCE))
        assert not sandbox.directory.calls


class TestMedia:
    def test_whatsapp_file_is_fetched_with_the_token(self, sandbox: Sandbox) -> None:
        source = whatsapp.media(number(sandbox), Attachment("image", platform_ref="5550001"))
        assert source.headers == {"Authorization": "Bearer token-wa"}
        assert source.url.startswith(sandbox.url) and source.origins == (sandbox.url,)
        assert requests.get(source.url, headers=source.headers, timeout=5).headers["Content-Type"] == "image/png"
        assert "token-wa" not in repr(source)

    def test_telegram_file_address_holds_the_token_and_is_not_shown(self, sandbox: Sandbox) -> None:
        source = telegram.media(bot(sandbox), Attachment("file", platform_ref="large"))
        assert source.url == f"{sandbox.url}/file/bot{BOT_TOKEN}/photos/large.png"
        assert requests.get(source.url, timeout=5).headers["Content-Type"] == "image/png"
        assert BOT_TOKEN not in repr(source)
        assert source.headers == {} and source.origins == (sandbox.url,)

    def test_what_is_gone_too_large_or_no_file(self, sandbox: Sandbox) -> None:
        with pytest.raises(Unavailable):
            whatsapp.media(number(sandbox), Attachment("image", platform_ref="4045550001"))
        with pytest.raises(Rejected):
            telegram.media(bot(sandbox), Attachment("video", platform_ref="400-large"))
        for adapter, client in ((whatsapp, number(sandbox)), (telegram, bot(sandbox))):
            for attachment in (
                Attachment("location"),
                Attachment("image"),
                Attachment("link", url="https://x.example/"),
            ):
                with pytest.raises(Rejected) as caught:
                    adapter.media(client, attachment)
                assert caught.value.code == "no_content"

    @pytest.mark.parametrize("path", ["", "../../getMe", "a b", "x?y=1", None, 5])
    def test_an_odd_path_of_telegrams_is_not_followed(self, httpserver: HTTPServer, path: Any) -> None:
        answer = {"ok": True, "result": {"file_path": path}}
        httpserver.expect_request(f"/bot{BOT_TOKEN}/getFile").respond_with_json(answer)
        client = Client(base_url=httpserver.url_for(""), token=BOT_TOKEN, account_id="1")
        with pytest.raises(Unavailable):
            telegram.media(client, Attachment("image", platform_ref="x"))


@pytest.mark.parametrize(("platform", "token"), [("whatsapp", "dead-token"), ("telegram", "1:dead")])
def test_dead_token(sandbox: Sandbox, platform: str, token: str) -> None:
    dead = Client(base_url=sandbox.url, token=token, account_id="106600000000101", webhook_secret="s")
    with pytest.raises(TokenDead):
        adapter_for(platform).connect(dead, HOOK)
    with pytest.raises(TokenDead):
        adapter_for(platform).send(dead, Outgoing("1", "x", NONCE))


@pytest.mark.parametrize("token", ["", "a/../b", "1:a?x=1", "โทเคน", "1:a b", "1:a\r\n"])
def test_what_is_no_bot_token_never_becomes_a_path(httpserver: HTTPServer, token: str) -> None:
    with pytest.raises(TokenDead):
        telegram.connect(Client(base_url=httpserver.url_for(""), token=token, account_id="1"), HOOK)
    assert not httpserver.log


def test_telegrams_token_is_in_no_error_and_no_log(
    caplog: pytest.LogCaptureFixture, settings: Any, httpserver: HTTPServer
) -> None:
    assert settings.LOGGING["loggers"]["urllib3.connectionpool"]["level"] == "INFO"
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    httpserver.expect_request(f"/bot{BOT_TOKEN}/sendMessage").respond_with_data("", status=302)
    for base in (nowhere, httpserver.url_for(""), "nonsense://"):
        with pytest.raises(PlatformError) as caught:
            telegram.send(Client(base_url=base, token=BOT_TOKEN, account_id="1"), Outgoing("1", "x", NONCE))
        assert "sandbox_token" not in "".join(traceback.format_exception(caught.value)) + caught.value.code
    ours = [record for record in caplog.records if record.name != "werkzeug"]  # the stand-in's own log
    assert "sandbox_token" not in " ".join(record.getMessage() for record in ours)


def test_silence_while_sending_is_uncertain() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for adapter, token in ((whatsapp, "t"), (telegram, BOT_TOKEN)):
            client = Client(base_url=url, token=token, account_id="1", timeout=(1.0, 0.3))
            with pytest.raises(Uncertain):
                adapter.send(client, Outgoing("1", "x", NONCE))
