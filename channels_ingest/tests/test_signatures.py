"""Signatures and handshakes: published vectors, and headers that nobody should send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from channels_ingest.platforms import ADAPTERS, adapter_for, instagram, line, messenger, telegram, whatsapp
from channels_ingest.platforms._graph import proof

from .corpus import require_folder

SCHEMES = {
    "line_x_line_signature_base64_hmac_sha256": (line,),
    "meta_x_hub_signature_256_hex_hmac_sha256": (messenger, instagram, whatsapp),
}
SHA1 = "meta_x_hub_signature_hex_hmac_sha1_legacy"
PROOF = "meta_appsecret_proof_hex_hmac_sha256"
ELSEWHERE = {
    "meta_signed_request_hmac_sha256",  # no webhook: the privacy callbacks' own tests
    "tiktok_t_s_hex_hmac_sha256",  # a platform this product does not have
}
BODY = b'{"object":"page","entry":[],"note":"\\u0e2a"}'


def hub(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def line_signature(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def vectors() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((require_folder() / "signatures.json").read_text("utf-8"))["vectors"]
    return found


def test_published_vectors() -> None:
    seen: dict[str, set[bool]] = {}
    for vector in vectors():
        for adapter in SCHEMES.get(vector["scheme"], ()):
            body = base64.b64decode(vector["body_base64"])
            headers = {vector["header"]: vector["signature"]}
            secrets = ["another secret", vector["secret"]]
            assert adapter.verify(body, headers, secrets) is vector["expect_valid"], vector["note"]
            assert adapter.verify(body + b" ", headers, secrets) is False
            assert adapter.verify(body, headers, ["another secret"]) is False
            seen.setdefault(adapter.__name__.rpartition(".")[2], set()).add(vector["expect_valid"])
    assert seen == {"line": {True, False}, "messenger": {True}, "instagram": {True}, "whatsapp": {True}}


def test_every_scheme_is_looked_at_somewhere() -> None:
    assert {vector["scheme"] for vector in vectors()} == {*SCHEMES, SHA1, PROOF, *ELSEWHERE}


def test_published_appsecret_proof() -> None:
    found = [vector for vector in vectors() if vector["scheme"] == PROOF]
    assert found
    for vector in found:
        assert proof(vector["secret"], base64.b64decode(vector["body_base64"]).decode()) == vector["signature"]


def test_old_sha1_header_is_no_fallback() -> None:
    found = [vector for vector in vectors() if vector["scheme"] == SHA1]
    assert {vector["expect_valid"] for vector in found} == {True, False}
    for vector in found:
        body = base64.b64decode(vector["body_base64"])
        for headers in (
            {"X-Hub-Signature": vector["signature"]},
            {"X-Hub-Signature-256": vector["signature"]},
            {"X-Hub-Signature": vector["signature"], "X-Hub-Signature-256": vector["signature"]},
        ):
            for adapter in (messenger, instagram, whatsapp):
                assert adapter.verify(body, headers, [vector["secret"]]) is False


def test_telegram_compares_the_token_it_was_given() -> None:
    header = "X-Telegram-Bot-Api-Secret-Token"
    for name in (header, header.lower(), header.upper()):
        assert telegram.verify(BODY, {name: "old_Token-1"}, ["new_Token-2", "old_Token-1"])
    for wrong in ("", "old_token-1", "old_Token-1 ", "old_Token", "new_Token-2old_Token-1"):
        assert telegram.verify(BODY, {header: wrong}, ["new_Token-2", "old_Token-1"]) is False
    assert telegram.verify(BODY, {header: "x"}, []) is False


@pytest.mark.parametrize("name", ["X-Hub-Signature-256", "x-hub-signature-256", "X-HUB-SIGNATURE-256"])
def test_header_name_in_any_case_and_secret_rotation(name: str) -> None:
    for adapter in (messenger, instagram, whatsapp):
        assert adapter.verify(BODY, {"Accept": "*/*", name: hub(BODY, "new")}, ["old", "new"])
        assert adapter.verify(BODY, {name: hub(BODY, "old")}, ["old", "new"])
        assert not adapter.verify(BODY, {name: hub(BODY, "gone")}, ["old", "new"])


def test_line_header_in_any_case_and_secret_rotation() -> None:
    assert line.verify(BODY, {"x-line-signature": line_signature(BODY, "new")}, ["old", "new"])
    assert not line.verify(BODY, {"X-Line-Signature": line_signature(BODY, "new").swapcase()}, ["old", "new"])


def test_what_is_signed_is_the_raw_body() -> None:
    signature = hub(BODY, "secret")
    rewritten = json.dumps(json.loads(BODY), ensure_ascii=False).encode()
    assert messenger.verify(BODY, {"X-Hub-Signature-256": signature}, ["secret"])
    assert not messenger.verify(rewritten, {"X-Hub-Signature-256": signature}, ["secret"])


@pytest.mark.parametrize("platform", ADAPTERS)
def test_empty_secrets_never_match(platform: str) -> None:
    empty = hmac.new(b"", BODY, hashlib.sha256)
    headers = {
        "X-Hub-Signature-256": "sha256=" + empty.hexdigest(),
        "X-Line-Signature": base64.b64encode(empty.digest()).decode(),
    }
    for secrets in ([], [""], ["", ""]):
        assert not adapter_for(platform).verify(BODY, headers, secrets)
        assert not adapter_for(platform).verify(BODY, {"X-Telegram-Bot-Api-Secret-Token": ""}, secrets)


@pytest.mark.parametrize("platform", ADAPTERS)
@pytest.mark.parametrize("value", ["", "sha256=", "sha256=ก", "é" * 64, "\ud800", "a" * 10**6, "=", "sha1=00", "\x00"])
def test_odd_headers_are_refused_without_raising(platform: str, value: str) -> None:
    for name in ("X-Hub-Signature-256", "X-Line-Signature", "X-Telegram-Bot-Api-Secret-Token"):
        assert adapter_for(platform).verify(BODY, {name: value}, ["secret", "ลับ"]) is False
    assert adapter_for(platform).verify(BODY, {}, ["secret"]) is False


def test_upper_case_hex_and_missing_prefix_are_refused() -> None:
    signature = hub(BODY, "secret")
    for wrong in (signature.upper(), signature.removeprefix("sha256="), signature + "00", " " + signature):
        assert not messenger.verify(BODY, {"X-Hub-Signature-256": wrong}, ["secret"])


def handshake(**changes: str) -> dict[str, str]:
    good = {"hub.mode": "subscribe", "hub.verify_token": "โทเคน", "hub.challenge": "1158201444"}
    return good | {f"hub.{key}": value for key, value in changes.items()}


@pytest.mark.parametrize("adapter", [messenger, instagram, whatsapp])
def test_handshake(adapter: Any) -> None:
    assert adapter.handshake(handshake(), ["first", "โทเคน"]) == "1158201444"
    assert adapter.handshake(handshake(challenge="<b>"), ["โทเคน"]) == "<b>"
    for wrong in ({"mode": "unsubscribe"}, {"verify_token": "x"}, {"verify_token": ""}, {"challenge": ""}):
        assert adapter.handshake(handshake(**wrong), ["โทเคน", ""]) is None
    assert adapter.handshake({}, ["โทเคน"]) is None
    assert adapter.handshake(handshake(), []) is None


@pytest.mark.parametrize("adapter", [line, telegram])
def test_no_handshake(adapter: Any) -> None:
    assert adapter.handshake(handshake(), ["โทเคน"]) is None
