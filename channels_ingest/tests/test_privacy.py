"""Meta's privacy callbacks: only a right signature is heard, and the answer can be followed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from channels_ingest.models import DeletionRequest, Notice
from channels_ingest.platforms import signed_request

from .corpus import require_folder
from .posts import APP_SECRET, PAGE, connect

URLS = ("/webhooks/meta/deauthorise/", "/webhooks/meta/data-deletion/")


def signed(payload: Any, secret: str = APP_SECRET, *, pad: bool = False) -> str:
    def encode(data: bytes) -> str:
        text = base64.urlsafe_b64encode(data).decode()
        return text if pad else text.rstrip("=")

    body = encode(json.dumps(payload).encode())
    return encode(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()) + "." + body


@pytest.fixture
def page(db: None) -> Any:
    return connect("facebook", PAGE)


def test_vectors() -> None:
    vectors = json.loads((require_folder() / "signatures.json").read_text("utf-8"))["vectors"]
    mine = [one for one in vectors if one["scheme"].startswith("meta_signed_request")]
    assert mine
    for one in mine:
        found = signed_request.read(one["body"], ["other", one["secret"]])
        assert (found is not None) is one["expect_valid"]


@pytest.mark.parametrize("pad", [False, True])
def test_padding_and_alphabet(pad: bool) -> None:
    text = signed({"user_id": "1", "x": "??>>~~"}, "s", pad=pad)
    assert signed_request.read(text, ["s"]) == {"user_id": "1", "x": "??>>~~"}
    signature, _, payload = text.partition(".")
    other = signature.replace("-", "+").replace("_", "/")
    assert signed_request.read(f"{other}.{payload}", ["s"]) is not None


@pytest.mark.parametrize(
    "text", ["", ".", "a.b", "ü.ü", "x" * 20_000, signed({"user_id": "1"}, "wrong"), signed({"user_id": "1"})[:-2]]
)
def test_nothing_else_is_read(text: str) -> None:
    assert signed_request.read(text, [APP_SECRET, ""]) is None


@pytest.mark.parametrize("url", URLS)
def test_a_wrong_signature_leaves_nothing(url: str, page: Any) -> None:
    for body in ({}, {"signed_request": ""}, {"signed_request": signed({"user_id": "7"}, "wrong")}):
        assert Client().post(url, body).status_code == 403
    assert Client().get(url).status_code == 405
    assert Client().post(url, {"signed_request": "x" * 70_000}).status_code == 413
    assert not DeletionRequest.objects.exists()
    assert not Notice.objects.exists()


def test_deletion_can_be_followed(page: Any) -> None:
    answers = [Client().post(URLS[1], {"signed_request": signed({"user_id": "7"})}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    code = answers[0]["confirmation_code"]
    assert answers[0]["url"].endswith(f"/privacy/{code}/")
    shown = Client().get(f"/privacy/{code}/")
    assert shown.status_code == 200
    assert code in shown.content.decode()
    assert shown["Cache-Control"] == "private, no-store"
    assert Client().get("/privacy/unknown/").status_code == 404
    assert DeletionRequest.objects.count() == 1


def test_a_deauthorisation_is_told_to_the_owners(page: Any) -> None:
    connect("line", "U" + "a" * 32)
    assert Client().post(URLS[0].rstrip("/"), {"signed_request": signed({"user_id": "7"})}).status_code == 200
    assert Notice.objects.get().channel == page


def test_the_same_call_is_told_once_and_a_later_one_anew(page: Any) -> None:
    for issued_at in (1_790_000_000, 1_790_000_000, 1_790_000_600):
        body = {"signed_request": signed({"user_id": "7", "issued_at": issued_at})}
        assert Client().post(URLS[0], body).status_code == 200
    assert Notice.objects.count() == 2
    assert DeletionRequest.objects.count() == 1


def test_a_secret_that_was_just_added_is_known(page: Any) -> None:
    from channels_ingest.encryption import fingerprint
    from channels_ingest.models import MetaCredential
    from channels_ingest.secret_store import store

    store.current()
    MetaCredential.objects.create(kind="app_secret", value="of-instagram", fingerprint=fingerprint("of-instagram"))
    body = {"signed_request": signed({"user_id": "7"}, "of-instagram")}
    assert Client().post(URLS[1], body).status_code == 200


@pytest.mark.parametrize("user_id", ["x" * 256, "a\x00b", {"a": 1}, None, ""])
def test_a_user_that_is_none(page: Any, user_id: Any) -> None:
    assert Client().post(URLS[1], {"signed_request": signed({"user_id": user_id})}).status_code == 400
    assert not DeletionRequest.objects.exists()


def test_signed_without_a_user(page: Any) -> None:
    assert Client().post(URLS[1], {"signed_request": signed({"algorithm": "HMAC-SHA256"})}).status_code == 400
