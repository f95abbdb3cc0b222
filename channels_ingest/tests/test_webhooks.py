"""The endpoints: who is let in, what each answer means, what a refused post leaves behind (nothing)."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from channels_ingest.counters import refusals_today
from channels_ingest.encryption import fingerprint
from channels_ingest.models import MetaCredential, RawEvent, StrayEvent
from contacts.models import Contact, Identity
from inbox.models import Conversation, Message

from .posts import (
    APP_SECRET,
    IG,
    LINE_BOT,
    PAGE,
    connect,
    line_body,
    line_event,
    meta_signature,
    page_body,
    page_item,
    post_line,
    post_meta,
)

pytestmark = pytest.mark.django_db
TABLES = (Contact, Identity, Conversation, Message, RawEvent, StrayEvent)


def rows() -> list[int]:
    return [model.objects.count() for model in TABLES]  # type: ignore[attr-defined]


def test_line_message_becomes_contact() -> None:
    channel = connect("line", LINE_BOT)
    response = post_line(channel, line_body(line_event("U" + "7c2f" * 8, "555", "ราคาเท่าไหร่คะ")))
    assert response.status_code == 200
    contact = Contact.objects.get()
    assert contact.name == "LINE customer 7c2f"
    assert contact.platforms == ["line"]
    assert contact.channel_ids == [channel.pk]
    message = Message.objects.get()
    assert (message.text, message.direction, message.kind) == ("ราคาเท่าไหร่คะ", "in", "text")
    assert contact.latest_contact_at == contact.first_contact_at == message.sent_at
    conversation = Conversation.objects.get()
    assert (conversation.last_preview, conversation.unread) == ("ราคาเท่าไหร่คะ", 1)


@pytest.mark.parametrize(("platform", "account"), [("facebook", PAGE), ("instagram", IG)])
def test_meta_message_and_echo(platform: str, account: str) -> None:
    connect(platform, account)
    echo = {
        "sender": {"id": account},
        "recipient": {"id": "9001"},
        "timestamp": 1_790_000_001_000,
        "message": {"mid": "m2", "text": "our answer", "is_echo": True, "app_id": 1},
    }
    kind = "page" if platform == "facebook" else "instagram"
    body = page_body(page_item("9001", "m1", page=account), echo, page=account, object=kind)
    assert post_meta(platform, body).status_code == 200
    assert list(Message.objects.order_by("sent_at").values_list("direction", "text")) == [
        ("in", "hello"),
        ("out", "our answer"),
    ]
    assert Contact.objects.count() == 1
    conversation = Conversation.objects.get()
    assert (conversation.last_direction, conversation.unread) == ("out", 1)


@pytest.mark.parametrize("slash", ["", "/"])
def test_without_final_slash_is_never_redirected(slash: str) -> None:
    connect("facebook", PAGE)
    body = json.dumps(page_body(page_item("9", "m"))).encode()
    response = Client().post(
        f"/webhooks/facebook{slash}",
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": meta_signature(body)},
    )
    assert response.status_code == 200


@pytest.mark.parametrize("platform", ["facebook", "instagram"])
def test_handshake(platform: str) -> None:
    MetaCredential.objects.create(kind="verify_token", value="let-me-in", fingerprint=fingerprint("let-me-in"))
    query = {"hub.mode": "subscribe", "hub.challenge": "<b>1158201444</b>", "hub.verify_token": "let-me-in"}
    response = Client().get(f"/webhooks/{platform}/", query)
    assert (response.status_code, response.content) == (200, b"<b>1158201444</b>")
    assert response["Content-Type"].startswith("text/plain")
    assert Client().get(f"/webhooks/{platform}", {**query, "hub.verify_token": "wrong"}).status_code == 403
    assert Client().get(f"/webhooks/{platform}").status_code == 403


class TestRefusals:
    """Nothing that is not correctly signed writes a row or reaches a queue (rule 5)."""

    @pytest.mark.parametrize("signature", [None, "", "sha256=", "sha1=abc", "sha256=" + "0" * 64, "ลายเซ็น", "x" * 9999])
    def test_meta(self, signature: str | None, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
        connect("facebook", PAGE)
        before, refused = rows(), refusals_today("facebook")
        headers = {} if signature is None else {"X-Hub-Signature-256": signature}
        with django_assert_max_num_queries(4):
            response = Client().post(
                "/webhooks/facebook/",
                page_body(page_item("9", "m")),
                content_type="application/json",
                headers=headers,
            )
        assert response.status_code == 403
        assert rows() == before
        assert refusals_today("facebook") == refused + 1

    def test_line_of_another_channel(self) -> None:
        channel = connect("line", LINE_BOT)
        before = rows()
        assert post_line(channel, line_body(line_event("U1", "1")), secret="another").status_code == 403
        assert rows() == before

    def test_signed_with_old_and_new_secret(self) -> None:
        channel = connect("line", LINE_BOT)
        channel.connection.secrets = ["new", "old"]
        channel.connection.save()
        for number, secret in enumerate(("new", "old")):
            assert post_line(channel, line_body(line_event("U1", str(number))), secret=secret).status_code == 200
        assert Message.objects.count() == 2

    def test_unknown_key(self) -> None:
        response = Client().post("/webhooks/line/nobody/", {}, content_type="application/json")
        assert response.status_code == 404

    def test_secret_added_by_another_process_works_at_once(self) -> None:
        connect("facebook", PAGE)
        assert post_meta("facebook", page_body(page_item("9", "m")), secret="second").status_code == 403
        MetaCredential.objects.create(kind="app_secret", value="second", fingerprint=fingerprint("second"))
        assert post_meta("facebook", page_body(page_item("9", "m")), secret="second").status_code == 200


class TestBodies:
    """What a signed body can still be."""

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\xff", b"[" * 200_000, b'{"a": NaN}', b"nothing"])
    def test_not_json(self, body: bytes) -> None:
        connect("facebook", PAGE)
        assert post_meta("facebook", body).status_code == 400

    @pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b'{"object":"page"}', b"1" * 5000, b"1e999"])
    def test_json_of_another_kind_is_kept_or_nothing(self, body: bytes) -> None:
        connect("facebook", PAGE)
        assert post_meta("facebook", body).status_code == 200
        assert Contact.objects.count() == 0

    def test_above_the_cap(self) -> None:
        connect("facebook", PAGE)
        assert post_meta("facebook", b"x" * (4 * 1024 * 1024 + 1)).status_code == 413

    def test_three_megabytes_are_taken(self) -> None:
        connect("facebook", PAGE)
        assert post_meta("facebook", page_body(page_item("9", "m", "ก" * 500_000))).status_code == 200
        assert len(Message.objects.get().text) == 500_000

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_methods(self, method: str) -> None:
        channel = connect("line", LINE_BOT)
        assert getattr(Client(), method)("/webhooks/facebook/").status_code == 405
        assert getattr(Client(), method)(f"/webhooks/line/{channel.connection.webhook_key}/").status_code == 405
        assert Client().get(f"/webhooks/line/{channel.connection.webhook_key}/").status_code == 405

    def test_nul_and_lone_surrogate_in_text(self) -> None:
        connect("facebook", PAGE)
        body = b'{"object":"page","entry":[{"id":"%s","messaging":[{"sender":{"id":"9"},"recipient":{"id":"%s"},'
        body += b'"timestamp":1790000000000,"message":{"mid":"m","text":"a\\u0000b\\ud800c"}}]}]}'
        assert post_meta("facebook", body % (PAGE.encode(), PAGE.encode())).status_code == 200
        assert Message.objects.get().text == "a\ufffdb\ufffdc"
        assert "\\u0000" in RawEvent.objects.get().body


class TestStrays:
    """What cannot be applied is kept, and makes nobody."""

    def test_account_not_connected(self) -> None:
        connect("facebook", PAGE)
        response = post_meta("facebook", page_body(page_item("9", "m", page="777"), page="777"))
        assert response.status_code == 200
        assert Contact.objects.count() == 0
        stray = StrayEvent.objects.get()
        assert (stray.reason, stray.account_id) == ("not_connected", "777")

    def test_line_destination_of_another_account(self) -> None:
        channel = connect("line", LINE_BOT)
        assert post_line(channel, line_body(line_event("U1", "1"), destination="Uother")).status_code == 200
        assert Contact.objects.count() == 0
        assert StrayEvent.objects.get().reason == "not_connected"

    def test_unknown_kind_beside_a_message(self) -> None:
        channel = connect("line", LINE_BOT)
        odd = {**line_event("U1", "2"), "type": "telepathy"}
        for _ in range(3):  # delivered again, it is kept once
            assert post_line(channel, line_body(odd, line_event("U1", "1"))).status_code == 200
        assert Message.objects.count() == 1
        assert StrayEvent.objects.get().reason == "unknown_kind"

    def test_consoles_verification_makes_nothing(self) -> None:
        channel = connect("line", LINE_BOT)
        connect("facebook", PAGE)
        before = rows()
        assert post_line(channel, line_body()).status_code == 200
        for token in ("0" * 32, "f" * 32):
            assert post_line(channel, line_body({**line_event("U1", "1"), "replyToken": token})).status_code == 200
        sample = {
            "object": "page",
            "entry": [{"id": "0", "time": 1, "changes": [{"field": "messages", "value": {}}]}],
        }
        assert post_meta("facebook", sample).status_code == 200
        assert rows() == before

    def test_group_makes_no_contact(self) -> None:
        channel = connect("line", LINE_BOT)
        event = {**line_event("U1", "1"), "source": {"type": "group", "groupId": "C1", "userId": "U1"}}
        assert post_line(channel, line_body(event)).status_code == 200
        assert Contact.objects.count() == 0
        assert StrayEvent.objects.get().reason == "group"


def test_app_secret_is_not_needed_by_line() -> None:
    channel = connect("line", LINE_BOT)
    assert post_line(channel, line_body(line_event("U1", "1")), secret=APP_SECRET).status_code == 403
