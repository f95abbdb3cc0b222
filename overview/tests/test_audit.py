"""The audit: clean after every kind of delivery; each thing broken is found, mended, and clean again."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from channels_ingest.delivery import delivery_apply
from channels_ingest.platforms.events import AnyEvent, MessageEvent, ReactionEvent, ReceiptEvent, UnsendEvent
from channels_ingest.tests.posts import PAGE, connect
from contacts.models import Contact, ContactLabel, Identity
from contacts.registry import audit_checks
from contacts.tests.factories import make_label
from inbox import services
from inbox.models import Conversation, Message
from orders.models import Order

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 11, 1, 3, 0, tzinfo=dt.UTC)


def at(minutes: int) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def said(person: str, mid: str, minute: int, direction: str = "in") -> MessageEvent:
    return MessageEvent(PAGE, {"mid": mid}, person, mid, "text", direction, at(minute), f"words of {mid}")


EVENTS: tuple[AnyEvent, ...] = (
    said("p1", "m1", 0),
    said("p1", "m2", 5, "out"),
    said("p1", "m3", 5),
    said("p2", "m4", 9),
    said("p3", "m5", 9, "out"),
    ReactionEvent(PAGE, {}, "p1", "m2", "❤️", at(30)),
    ReactionEvent(PAGE, {}, "p2", "unknown", "❤️", at(31)),
    ReceiptEvent(PAGE, {}, "p1", "read", at(50), upto=at(50)),
    UnsendEvent(PAGE, {}, "p2", "m4", at(60)),
)


def audit(*arguments: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = StringIO()
    try:
        call_command("audit", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def shop() -> None:
    """People with messages, a reaction, a label and orders."""
    connect("facebook", PAGE)
    delivery_apply(platform="facebook", events=EVENTS, received_at=timezone.now())
    person = Contact.objects.get(identities__external_id="p1")
    ContactLabel.objects.create(contact=person, label=make_label())
    for number, status in enumerate(("completed", "paid", "pending")):
        Order.objects.create(contact=person, external_id=str(number), status=status, total=100 + number)


BREAKS = {
    "identity-scope": "UPDATE contacts_identity SET scope = 'elsewhere' WHERE external_id = 'p1'",
    "contact-channels": "UPDATE contacts_contact SET channel_ids = '{}', platforms = '{line}'",
    "contact-usernames": "UPDATE contacts_contact SET usernames = 'stale'",
    "contact-tally": "INSERT INTO contacts_tally (change) VALUES (7)",
    "contact-entry": "UPDATE contacts_listentry SET searched = 'stale', value = value + 1",
    "contact-labels": "UPDATE contacts_contact SET label_ids = '{99}'",
    "conversation-roll-up": "UPDATE inbox_conversation SET last_preview = 'stale', unread = unread + 1",
    "identity-times": "UPDATE contacts_identity SET last_seen_at = last_seen_at - interval '1 second'",
    "contact-times": "UPDATE contacts_contact SET latest_contact_at = now(), first_contact_at = NULL",
    "contact-value": "UPDATE contacts_contact SET value = value + 0.01",
}
ONCE = {
    "identity-once": (
        "ALTER TABLE contacts_identity DROP CONSTRAINT identity_channel_external_id",
        "INSERT INTO contacts_identity (contact_id, channel_id, external_id, scope, first_seen_at, last_seen_at)"
        " SELECT contact_id, channel_id, external_id, scope, NULL, NULL FROM contacts_identity LIMIT 1",
    ),
    "conversation-once": (
        "ALTER TABLE inbox_conversation DROP CONSTRAINT inbox_conversation_identity_id_key",
        "INSERT INTO inbox_conversation (identity_id) SELECT identity_id FROM inbox_conversation LIMIT 1",
    ),
    "message-once": (
        "ALTER TABLE inbox_message DROP CONSTRAINT message_conversation_platform_id",
        "INSERT INTO inbox_message (conversation_id, platform_id, direction, sent_at)"
        " SELECT conversation_id, platform_id, direction, sent_at FROM inbox_message WHERE platform_id = 'm2'",
    ),
}


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_every_rule_has_its_test() -> None:
    assert {check.key for check in audit_checks()} == set(BREAKS) | set(ONCE)


def test_what_is_right_is_left_alone(shop: None) -> None:
    assert audit() == (0, "Nothing differs.\n")
    assert audit("--repair") == (0, "Nothing differs.\n")


@pytest.mark.parametrize("key", BREAKS)
def test_what_is_wrong_is_found_and_mended(shop: None, key: str) -> None:
    run(BREAKS[key])
    code, said = audit()
    assert code == 1
    assert {line.partition(":")[0] for line in said.splitlines()[:-1]} == {key}
    code, said = audit("--repair")
    assert (code, said.splitlines()[-1]) == (0, "Nothing differs.")
    assert f"{key}: " in said
    assert audit()[0] == 0


@pytest.mark.parametrize("key", ONCE)
def test_what_is_there_twice_is_found_and_left_to_a_person(shop: None, key: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE", *ONCE[key])
    for arguments in ((), ("--repair",)):
        code, said = audit(*arguments)
        assert code == 1
        assert f"{key}: " in said


def test_values_after_the_repair(shop: None) -> None:
    wanted = list(Contact.objects.order_by("pk").values_list("latest_contact_at", "first_contact_at", "value"))
    chats = list(Conversation.objects.order_by("pk").values_list("last_preview", "unread", "last_in_at"))
    run(*BREAKS.values())
    assert audit("--repair")[0] == 0
    assert list(Contact.objects.order_by("pk").values_list("latest_contact_at", "first_contact_at", "value")) == wanted
    assert list(Conversation.objects.order_by("pk").values_list("last_preview", "unread", "last_in_at")) == chats


def test_a_conversation_whose_messages_are_gone_is_empty(shop: None) -> None:
    Message.objects.filter(platform_id__in=("m1", "m2", "m3")).delete()
    assert audit()[0] == 1
    assert audit("--repair")[0] == 0
    identity = Identity.objects.get(external_id="p1")
    assert (identity.first_seen_at, identity.conversation.last_message_at, identity.conversation.unread) == (
        None, None, 0,
    )  # fmt: skip


def test_reading_and_unreading_keeps_the_count_true(shop: None) -> None:
    for chat in Conversation.objects.all():
        services.conversation_mark_read(conversation_id=chat.pk, upto=at(5))
        services.conversation_mark_unread(conversation_id=chat.pk)
        services.conversation_mark_unread(conversation_id=chat.pk)
    assert audit()[0] == 0
