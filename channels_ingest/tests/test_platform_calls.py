"""Profile, connect and send against the sandbox, in the platforms' documented shapes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import requests
from PIL import Image

from channels_ingest.platforms import adapter_for, instagram, line, messenger
from channels_ingest.platforms._graph import proof
from channels_ingest.platforms.base import (
    Client,
    Connected,
    Outgoing,
    PlatformError,
    Rejected,
    RetryLater,
    TokenDead,
    Unavailable,
)
from channels_ingest.platforms.events import Attachment, Profile
from channels_ingest.sandbox.server import Sandbox, running

NONCE = "5f0c1c1e-6d1f-4a55-9f0e-2a1d3b4c5d6e"
HOOK = "https://crm.saifa.example/webhooks/line/k/"
PEOPLE = {
    "facebook": {"601": {"name": "มะลิ วงศ์ทอง"}, "602": {"name": "", "error": ""}},
    "instagram": {
        "926": {"name": "Nok Lights", "username": "nok.lights"},
        "927": {"username": "only.handle"},
    },
    "line": {"Uf1": {"name": "ฝน", "language": "th"}, "Uf2": {"name": "Pim", "picture": "ftp://x/y.png"}},
}
ACCOUNTS = {
    "token-liv": {"id": "104857600112233", "name": "LIV"},
    "token-lightme": {"id": "17841409876543210", "name": "lightme.th", "app_scoped_id": "9911"},
    "token-saifa": {"id": "U7a3c9f0e5b1d48c2a6e9f4b07d152c83", "name": "Saifa Shop"},
    "token-saifa-webhook-off": {"id": "U7a3c9f0e5b1d48c2a6e9f4b07d152c83", "name": "Saifa Shop"},
}
TOKENS = {"facebook": "token-liv", "instagram": "token-lightme", "line": "token-saifa"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with running() as server:
        answer = requests.post(f"{server.url}/sandbox/people", json={"people": PEOPLE, "accounts": ACCOUNTS}, timeout=5)
        assert answer.json() == {"people": 6}
        yield server


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.directory.calls.clear()
    return shared


def client(sandbox: Sandbox, platform: str, **changes: Any) -> Client:
    token = changes.pop("token", TOKENS[platform])
    return Client(**{"base_url": sandbox.url, "token": token, "account_id": ACCOUNTS[TOKENS[platform]]["id"]} | changes)


def test_profiles(sandbox: Sandbox) -> None:
    pictures = f"{sandbox.url}/pictures"
    assert messenger.profile(client(sandbox, "facebook"), "601") == Profile(
        "มะลิ วงศ์ทอง", f"{pictures}/facebook/601.png"
    )
    assert instagram.profile(client(sandbox, "instagram"), "926") == Profile(
        "Nok Lights", f"{pictures}/instagram/926.png", username="nok.lights"
    )
    assert line.profile(client(sandbox, "line"), "Uf1") == Profile("ฝน", f"{pictures}/line/Uf1.png", language="th")


def test_username_stands_in_for_a_missing_name_and_odd_pictures_are_dropped(sandbox: Sandbox) -> None:
    assert instagram.profile(client(sandbox, "instagram"), "927").name == "only.handle"
    assert line.profile(client(sandbox, "line"), "Uf2").picture_url == ""


def test_token_travels_in_the_header_only_and_proof_where_a_secret_is_known(sandbox: Sandbox) -> None:
    messenger.profile(client(sandbox, "facebook", app_secret="app-secret"), "601")
    (call,) = sandbox.directory.calls
    assert call.token == "token-liv"
    assert call.path == "/v25.0/601"
    assert call.query == {
        "fields": "first_name,last_name,name,profile_pic",
        "appsecret_proof": proof("app-secret", "token-liv"),
    }


def test_version_of_a_configured_base_url_is_kept(sandbox: Sandbox) -> None:
    messenger.profile(client(sandbox, "facebook", base_url=f"{sandbox.url}/facebook/v26.0/"), "601")
    assert sandbox.directory.calls[0].path == "/v26.0/601"


ERRORS = [
    ("facebook", "sandbox-2018218", Unavailable, "100/2018218"),
    ("facebook", "sandbox-empty", Unavailable, "empty"),
    ("facebook", "sandbox-404", Unavailable, "100/2018001"),
    ("facebook", "999", Unavailable, "100/2018001"),
    ("facebook", "sandbox-500", RetryLater, "2"),
    ("facebook", "sandbox-429", RetryLater, "613"),
    ("facebook", "sandbox-not_json", RetryLater, "200"),
    ("facebook", "..", Rejected, "bad_id"),
    ("instagram", "sandbox-230", Unavailable, "230"),
    ("instagram", "sandbox-9010", Unavailable, "9010"),
    ("instagram", "999", Unavailable, "9010"),
    ("instagram", "sandbox-empty", Unavailable, "empty"),
    ("line", "sandbox-404", Unavailable, "404"),
    ("line", "Unobody", Unavailable, "404"),
    ("line", "../message/quota", Unavailable, "404"),
    ("line", "sandbox-empty", Unavailable, "empty"),
    ("line", "sandbox-429", RetryLater, "429"),
    ("line", "sandbox-500", RetryLater, "500"),
    ("line", "sandbox-not_json", RetryLater, "200"),
]


@pytest.mark.parametrize(("platform", "person", "kind", "code"), ERRORS)
def test_profile_errors(sandbox: Sandbox, platform: str, person: str, kind: type[PlatformError], code: str) -> None:
    with pytest.raises(PlatformError) as caught:
        adapter_for(platform).profile(client(sandbox, platform), person)
    assert isinstance(caught.value, kind) and caught.value.code == code
    assert TOKENS[platform] not in str(caught.value)


@pytest.mark.parametrize("platform", TOKENS)
def test_dead_token(sandbox: Sandbox, platform: str) -> None:
    dead = client(sandbox, platform, token="dead-token")
    for call in (
        lambda: adapter_for(platform).profile(dead, "601"),
        lambda: adapter_for(platform).connect(dead, HOOK),
        lambda: adapter_for(platform).send(dead, Outgoing("601", "x", NONCE)),
    ):
        with pytest.raises(TokenDead):
            call()


def test_wait_that_the_platform_names(sandbox: Sandbox) -> None:
    for adapter, platform in ((messenger, "facebook"), (line, "line")):
        with pytest.raises(RetryLater) as caught:
            adapter.profile(client(sandbox, platform), "sandbox-429")
        assert caught.value.after == 2
    with pytest.raises(RetryLater) as caught:
        messenger.profile(client(sandbox, "facebook", token="limited"), "601")
    assert caught.value.after == 60


@pytest.mark.parametrize(
    ("adapter", "platform", "token", "expected"),
    [
        (messenger, "facebook", "token-liv", Connected("104857600112233", "LIV")),
        (instagram, "instagram", "token-lightme", Connected("17841409876543210", "lightme.th")),
        (line, "line", "token-saifa", Connected("U7a3c9f0e5b1d48c2a6e9f4b07d152c83", "Saifa Shop")),
        (
            line,
            "line",
            "token-saifa-webhook-off",
            Connected("U7a3c9f0e5b1d48c2a6e9f4b07d152c83", "Saifa Shop", ("use_webhook_off",)),
        ),
    ],
)
def test_connect(sandbox: Sandbox, adapter: ModuleType, platform: str, token: str, expected: Connected) -> None:
    for account_id in ("", expected.external_id):
        assert adapter.connect(client(sandbox, platform, token=token, account_id=account_id), HOOK) == expected
    assert all(token not in f"{call.path}{call.query}" for call in sandbox.directory.calls)


@pytest.mark.parametrize("platform", TOKENS)
def test_connect_refuses_the_token_of_another_account(sandbox: Sandbox, platform: str) -> None:
    with pytest.raises(Rejected) as caught:
        adapter_for(platform).connect(client(sandbox, platform, account_id="another"), HOOK)
    assert caught.value.code == "account_mismatch"


@pytest.mark.parametrize("platform", TOKENS)
def test_connect_over_plain_http_says_so(sandbox: Sandbox, platform: str) -> None:
    connected = adapter_for(platform).connect(client(sandbox, platform), "http://127.0.0.1:8000/webhooks/")
    assert connected.missing == ("webhook_not_https",)


def test_messenger_send_carries_the_nonce(sandbox: Sandbox) -> None:
    assert messenger.send(client(sandbox, "facebook"), Outgoing("601", "ส่งแล้วค่ะ", NONCE)).startswith("m_sandbox_")
    (call,) = sandbox.directory.calls
    assert call.path == "/v25.0/104857600112233/messages"
    assert call.payload == {
        "recipient": {"id": "601"},
        "messaging_type": "RESPONSE",
        "message": {"text": "ส่งแล้วค่ะ", "metadata": NONCE},
    }


def test_instagram_send_counts_bytes(sandbox: Sandbox) -> None:
    here = client(sandbox, "instagram", base_url=f"{sandbox.url}/instagram")
    assert instagram.send(here, Outgoing("926", "ก" * 333, NONCE))
    with pytest.raises(Rejected) as caught:
        instagram.send(here, Outgoing("926", "ก" * 334, NONCE))
    assert caught.value.code == "too_long" and len(sandbox.directory.calls) == 1


def test_line_send_twice_with_one_retry_key_is_one_message(sandbox: Sandbox) -> None:
    first = line.send(client(sandbox, "line"), Outgoing("Uf1", "สวัสดี", NONCE))
    assert first and line.send(client(sandbox, "line"), Outgoing("Uf1", "สวัสดี", NONCE)) == first
    assert sandbox.directory.calls[0].headers["x-line-retry-key"] == NONCE
    other = line.send(client(sandbox, "line"), Outgoing("Uf1", "สวัสดี", NONCE.replace("5", "6")))
    assert other != first


def test_line_limits(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected) as caught:
        line.send(client(sandbox, "line", token="limited"), Outgoing("Uf1", "x", "key-quota"))
    assert caught.value.code == "quota"
    with pytest.raises(Rejected):
        line.send(client(sandbox, "line"), Outgoing("Uf1", "😀" * 2501, "key-long"))


def test_person_who_cannot_be_reached_is_rejected_when_sending(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected) as caught:
        messenger.send(client(sandbox, "facebook"), Outgoing("sandbox-404", "x", NONCE))
    assert caught.value.code == "100/2018001"


def test_pictures_and_content(sandbox: Sandbox) -> None:
    first, again, other = (
        requests.get(f"{sandbox.url}/pictures/{path}.png", timeout=5) for path in ("line/Uf1", "line/Uf1", "line/Uf2")
    )
    assert first.headers["Content-Type"] == "image/png" and first.content == again.content != other.content
    assert Image.open(io.BytesIO(first.content)).size == (128, 128)
    headers = {"Authorization": "Bearer token-saifa"}
    content = f"{sandbox.url}/v2/bot/message/%s/content"
    found = [requests.get(content % number, headers=headers, timeout=5).status_code for number in (5810, 410, 404, 202)]
    assert found == [200, 410, 404, 202]
    names = ("a-slip.jpg", "voice.wav", "file.pdf", "gone")
    kinds = [requests.get(f"{sandbox.url}/cdn/{name}", timeout=5) for name in names]
    assert [answer.headers["Content-Type"] for answer in kinds[:3]] == ["image/jpeg", "audio/wav", "application/pdf"]
    assert kinds[3].status_code == 403
    assert Image.open(io.BytesIO(kinds[0].content)).size == (540, 810)


def test_where_content_is(sandbox: Sandbox) -> None:
    caller = client(sandbox, "line", data_url=f"{sandbox.url}/")
    source = line.media(caller, Attachment("image", platform_ref="5/81"))
    assert source.url == f"{sandbox.url}/v2/bot/message/5%2F81/content"
    assert (source.origins, source.hosts) == ((sandbox.url,), ())
    assert source.headers == {"Authorization": "Bearer token-saifa"}
    assert "token-saifa" not in repr(source)
    link = "https://scontent.xx.fbcdn.net/a.jpg?oh=1"
    for adapter, platform in ((messenger, "facebook"), (instagram, "instagram")):
        found = adapter.media(client(sandbox, platform, token=""), Attachment("image", url=link))
        assert (found.url, found.headers, found.origins) == (link, {}, ())


@pytest.mark.parametrize(
    ("adapter", "attachment"),
    [
        (line, Attachment("image", url="https://evil.example/a.jpg")),  # contentProvider external
        (line, Attachment("sticker", platform_ref="2")),
        (line, Attachment("location", platform_ref="2")),
        (line, Attachment("image", platform_ref="..")),
        (messenger, Attachment("link", url="https://www.instagram.com/reel/C1/")),
        (messenger, Attachment("sticker", platform_ref="369239263222822")),
        (instagram, Attachment("unsupported", url="https://lookaside.fbsbx.com/ephemeral")),
    ],
)
def test_nothing_to_fetch(sandbox: Sandbox, adapter: ModuleType, attachment: Attachment) -> None:
    with pytest.raises(Rejected):
        adapter.media(client(sandbox, "line", data_url=sandbox.url), attachment)


def test_content_needs_a_token(sandbox: Sandbox) -> None:
    with pytest.raises(TokenDead):
        line.media(client(sandbox, "line", token="", data_url=sandbox.url), Attachment("image", platform_ref="1"))


def test_quota(sandbox: Sandbox) -> None:
    headers = {"Authorization": "Bearer token-saifa"}
    quota = f"{sandbox.url}/v2/bot/message/quota"
    assert requests.get(quota, headers=headers, timeout=5).json() == {"type": "limited", "value": 1000}
    assert set(requests.get(f"{quota}/consumption", headers=headers, timeout=5).json()) == {"totalUsage"}


@pytest.mark.parametrize("body", ["[]", "{", '{"people": []}', '{"people": {"fax": {}}}', '{"people": {"line": 1}}'])
def test_people_must_be_in_shape(sandbox: Sandbox, body: str) -> None:
    assert requests.post(f"{sandbox.url}/sandbox/people", data=body, timeout=5).status_code == 400
