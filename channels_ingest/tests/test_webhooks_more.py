"""WhatsApp's and Telegram's endpoints: who is let in, what is answered, names that come with the messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from channels_ingest.counters import refusals_today
from channels_ingest.encryption import fingerprint
from channels_ingest.models import Connection, MetaCredential, RawEvent, StrayEvent
from channels_ingest.profiles import profile_fetch
from contacts.models import Contact, Identity, ProfileState
from inbox.models import Conversation, Message

from .posts import (
    BOT,
    LINE_BOT,
    LINE_SECRET,
    NUMBER,
    PAGE,
    TELEGRAM_SECRET,
    connect,
    line_body,
    line_event,
    meta_signature,
    post_meta,
    post_telegram,
    telegram_body,
    whatsapp_body,
    whatsapp_message,
)

pytestmark = pytest.mark.django_db
TABLES = (Contact, Identity, Conversation, Message, RawEvent, StrayEvent)
MALI = "66812345678"


def rows() -> list[int]:
    return [model.objects.count() for model in TABLES]  # type: ignore[attr-defined]


def key_of(platform: str) -> str:
    return Connection.objects.get(channel__platform=platform).webhook_key


def test_whatsapp_message_becomes_a_contact_with_name_and_number() -> None:
    channel = connect("whatsapp", NUMBER)
    body = whatsapp_body(whatsapp_message(MALI, "wamid.1", "มีของไหมคะ"), names={MALI: "มะลิ วงศ์ทอง"})
    assert post_meta("whatsapp", body).status_code == 200
    contact = Contact.objects.get()
    assert (contact.name, contact.phone, contact.platforms) == ("มะลิ วงศ์ทอง", "+66812345678", ["whatsapp"])
    assert contact.channel_ids == [channel.pk]
    message = Message.objects.get()
    assert (message.text, message.direction, message.kind) == ("มีของไหมคะ", "in", "text")
    assert Identity.objects.get().profile_state == ProfileState.FETCHED


def test_telegram_message_becomes_a_contact_with_name() -> None:
    channel = connect("telegram", BOT)
    body = telegram_body(7200000001, 9_000_000_001, "สวัสดี", first_name="มะลิ", last_name="วงศ์ทอง", language_code="th")
    response = post_telegram(channel, body)
    assert (response.status_code, response.content) == (200, b"")  # a body would be taken for a method call
    identity = Identity.objects.select_related("contact").get()
    assert (identity.contact.name, identity.language, identity.external_id) == ("มะลิ วงศ์ทอง", "th", "7200000001")
    assert Message.objects.get().platform_id == "7200000001:9000000001"


def test_a_person_without_a_name_stays_under_the_placeholder_until_one_is_told() -> None:
    connect("whatsapp", NUMBER)
    post_meta("whatsapp", whatsapp_body(whatsapp_message(MALI, "wamid.1")))
    assert Contact.objects.get().name == "WhatsApp customer 5678"
    profile_fetch(identity_id=Identity.objects.get().pk)  # there is nobody to ask
    assert Identity.objects.get().profile_state == ProfileState.UNAVAILABLE
    post_meta("whatsapp", whatsapp_body(whatsapp_message(MALI, "wamid.2"), names={MALI: "Mali"}))
    assert Contact.objects.get().name == "Mali"


def test_newest_name_of_a_delivery_wins_and_an_older_delivery_changes_nothing() -> None:
    connect("whatsapp", NUMBER)
    for at, name in ((1_790_000_300, "Mali W."), (1_790_000_100, "Mali")):
        post_meta("whatsapp", whatsapp_body(whatsapp_message(MALI, f"wamid.{at}", at=at), names={MALI: name}))
    assert Contact.objects.get().name == "Mali W."


def test_two_numbers_in_one_delivery() -> None:
    connect("whatsapp", NUMBER)
    connect("whatsapp", "106600000000202", name="Second")
    body = whatsapp_body(whatsapp_message(MALI, "wamid.1"))
    body["entry"] += whatsapp_body(whatsapp_message(MALI, "wamid.2"), number="106600000000202")["entry"]
    assert post_meta("whatsapp", body).status_code == 200
    assert Identity.objects.count() == Message.objects.count() == 2


def test_an_app_may_post_all_its_products_to_one_address() -> None:
    connect("whatsapp", NUMBER)
    assert post_meta("facebook", whatsapp_body(whatsapp_message(MALI, "wamid.1"))).status_code == 200
    assert Message.objects.count() == 1


def test_edited_unsent_and_read_through_the_endpoint() -> None:
    connect("whatsapp", NUMBER)
    said = whatsapp_message(MALI, "wamid.1", "first")
    edit: dict[str, Any] = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "second"}}}
    change = {"from": MALI, "id": "wamid.2", "timestamp": "1790000060", "type": "edit", "edit": edit}
    post_meta("whatsapp", whatsapp_body(change))  # before what it is about
    post_meta("whatsapp", whatsapp_body(said))
    assert Message.objects.get().text == "second"
    gone = {"from": MALI, "id": "wamid.3", "timestamp": "1790000090", "type": "revoke"}
    post_meta("whatsapp", whatsapp_body(gone | {"revoke": {"original_message_id": "wamid.1"}}))
    message = Message.objects.get()
    assert message.text == "" and message.unsent_at is not None
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize("slash", ["", "/"])
def test_with_and_without_final_slash_never_redirected(slash: str) -> None:
    connect("whatsapp", NUMBER)
    connect("telegram", BOT)
    body = json.dumps(whatsapp_body(whatsapp_message(MALI, "wamid.1"))).encode()
    posts = (
        (f"/webhooks/whatsapp{slash}", body, {"X-Hub-Signature-256": meta_signature(body)}),
        (
            f"/webhooks/telegram/{key_of('telegram')}{slash}",
            json.dumps(telegram_body(1, 1)).encode(),
            {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET},
        ),
    )
    for url, content, headers in posts:
        response = Client().post(url, content, content_type="application/json", headers=headers)
        assert response.status_code == 200
    assert Message.objects.count() == 2


def test_whatsapp_handshake() -> None:
    MetaCredential.objects.create(kind="verify_token", value="let-me-in", fingerprint=fingerprint("let-me-in"))
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "let-me-in"}
    response = Client().get("/webhooks/whatsapp/", query)
    assert (response.status_code, response.content) == (200, b"1158201444")
    assert Client().get("/webhooks/whatsapp", {**query, "hub.verify_token": "wrong"}).status_code == 403


@pytest.mark.parametrize("token", [None, "", "wrong", TELEGRAM_SECRET.upper(), "ลับ", "x" * 9999])
def test_telegram_refusal_leaves_nothing(token: str | None) -> None:
    connect("telegram", BOT)
    before, refused = rows(), refusals_today("telegram")
    headers = {} if token is None else {"X-Telegram-Bot-Api-Secret-Token": token}
    url = f"/webhooks/telegram/{key_of('telegram')}/"
    response = Client().post(url, telegram_body(1, 1), content_type="application/json", headers=headers)
    assert response.status_code == 403
    assert rows() == before
    assert refusals_today("telegram") == refused + 1


def test_telegram_takes_old_and_new_secret_while_rotating() -> None:
    channel = connect("telegram", BOT)
    channel.connection.secrets = ["new", TELEGRAM_SECRET]
    channel.connection.save()
    assert post_telegram(channel, telegram_body(1, 1), secret="new").status_code == 200
    assert post_telegram(channel, telegram_body(1, 2)).status_code == 200
    assert Message.objects.count() == 2


def test_a_key_opens_its_own_platform_only() -> None:
    """A LINE secret must never do as Telegram's plain token, nor the other way round."""
    connect("line", LINE_BOT)
    connect("telegram", BOT)
    sent = Client().post(
        f"/webhooks/telegram/{key_of('line')}/",
        telegram_body(1, 1),
        content_type="application/json",
        headers={"X-Telegram-Bot-Api-Secret-Token": LINE_SECRET},
    )
    other = Client().post(
        f"/webhooks/line/{key_of('telegram')}/", line_body(line_event("U1", "1")), content_type="application/json"
    )
    assert (sent.status_code, other.status_code) == (404, 404)
    assert rows() == [0] * len(TABLES)


def test_methods() -> None:
    connect("telegram", BOT)
    assert Client().get(f"/webhooks/telegram/{key_of('telegram')}/").status_code == 405
    assert Client().put("/webhooks/whatsapp/").status_code == 405


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 200_000, b'{"update_id": NaN}'])
def test_not_json(body: bytes) -> None:
    assert post_telegram(connect("telegram", BOT), body).status_code == 400


def test_a_number_that_is_not_connected_is_kept_and_makes_nobody() -> None:
    connect("facebook", PAGE)
    assert post_meta("whatsapp", whatsapp_body(whatsapp_message(MALI, "wamid.1"))).status_code == 200
    assert Contact.objects.count() == 0
    stray = StrayEvent.objects.get()
    assert (stray.reason, stray.platform, stray.account_id) == ("not_connected", "whatsapp", NUMBER)
