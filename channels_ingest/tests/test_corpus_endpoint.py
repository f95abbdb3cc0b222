"""Every body of the shared folder, posted through the real endpoint to an empty database with its account connected."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from channels_ingest.models import Mark, Notice, StrayEvent
from channels_ingest.times import effective_time
from contacts.models import Activity, Channel, Contact, Identity
from inbox.models import Message, ThreadControl
from saifa_crm.lib.safe_text import storable

from .corpus import Body, bodies, expected, first_of_each, folder
from .outcomes import text_digest
from .posts import connect, post

NOBODY = ("404404",)  # for a body that names no account: something must be connected to sign it for
CASES = list(bodies()) if folder() else []


def instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def check_messages(wanted: list[dict[str, Any]], body: dict[str, Any]) -> None:
    """Each stored once: person, kind, text, direction, platform time in milliseconds, effective time by rule 3."""
    gone = {(one["person"], one["platform_id"]) for one in body["unsends"]}
    edited = {(one["person"], one["platform_id"]): one["text"] for one in body.get("edits", ())}
    stored = {
        (message.conversation.identity.external_id, message.platform_id): message
        for message in Message.objects.select_related("conversation__identity__contact")
    }
    assert set(stored) == {(one["person"], one["platform_id"]) for one in wanted}
    for one in wanted:
        message = stored[one["person"], one["platform_id"]]
        at = instant(one["sent_at"])
        assert (message.kind, message.direction, message.platform_at) == (one["kind"], one["direction"], at)
        assert message.sent_at == effective_time(at, message.received_at)
        if (one["person"], one["platform_id"]) in gone:
            assert message.unsent_at is not None
            assert message.text == ""
        else:
            text = edited.get((one["person"], one["platform_id"]), one["text"])
            assert text_digest(message.text) == text or "\ufffd" in message.text
            assert len(message.attachments) == len(one["attachments"])


def noticed(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Notices of a connected account: what WhatsApp tells of a whole business account names no number of it."""
    connected = {"", *Channel.objects.values_list("external_id", flat=True)}
    return [one for one in wanted.get("notices", ()) if one["account"] in connected]


def check_told(messages: list[dict[str, Any]]) -> None:
    """Names and numbers that came with the messages: nobody is left to be asked for."""
    for one in messages:
        identity = Identity.objects.get(external_id=one["person"], channel__external_id__startswith=one["account"])
        assert text_digest(identity.profile_name) == one.get("profile", "")
        assert identity.profile_state == ("fetched" if "profile" in one else "pending")
        assert not identity.contact.phone or identity.contact.phone == f"+{one['phone']}"


def check_facts(wanted: dict[str, Any], people: set[str]) -> None:
    """What is said beside messages: brought to the person and the message where they are, else kept as a mark."""
    messages = {(one["person"], one["platform_id"]) for one in wanted["messages"]}
    origins = [one for one in (*wanted["messages"], *wanted.get("origins", ())) if "origin" in one]
    marks = set(Mark.objects.values_list("kind", "person_id"))
    for name, kind in (("edits", "edit"), ("reactions", "reaction")):
        for one in wanted.get(name, ()):
            assert ((kind, one["person"]) in marks) == ((one["person"], one["platform_id"]) not in messages)
    for rows, kind in (
        (origins, "origin"),
        (wanted.get("controls", ()), "control"),
        (wanted.get("happenings", ()), "happening"),
    ):
        for one in rows:
            assert ((kind, one["person"]) in marks) == (one["person"] not in people)
    for one in wanted.get("receipts", ()):
        if one["platform_id"]:
            here = (one["person"], one["platform_id"]) in messages
            assert (("receipt", one["person"]) in marks) == (not here)
        else:
            kind = "seen" if one["state"] == "read" else "delivered"
            assert ((kind, one["person"]) in marks) == (one["person"] not in people)
    came = {one["person"] for one in origins} & people
    assert set(Identity.objects.exclude(origin_source="").values_list("external_id", flat=True)) == came
    lines = {(one["person"], one["platform_id"]) for one in wanted.get("happenings", ()) if one["person"] in people}
    assert Activity.objects.exclude(verb__in=("platform_came", "phone_told")).count() == len(lines)
    held = {(one["person"], one["sent_at"], one["ours"]) for one in wanted.get("controls", ())}
    assert ThreadControl.objects.count() == len([one for one in held if one[0] in people])
    told = {(one["account"], one["platform_id"]) for one in noticed(wanted)}
    assert Notice.objects.count() == len(told)


@pytest.mark.django_db
@pytest.mark.parametrize("body", CASES, ids=lambda body: body.name)
def test_outcome_in_the_database(body: Body) -> None:
    channels = {account: connect(body.platform, storable(account)) for account in body.accounts or NOBODY}
    response = post(next(iter(channels.values())), body.content)
    assert response.status_code == 200
    wanted = expected()[body.name]
    messages = first_of_each(wanted["messages"])
    check_messages(messages, wanted)
    check_facts(wanted, {one["person"] for one in messages})
    check_told(messages)
    people = {(one["account"] or body.accounts[0], one["person"]) for one in messages}
    assert set(Identity.objects.values_list("channel__external_id", "external_id")) == people
    assert Contact.objects.count() == len(people)
    for contact in Contact.objects.all():
        times = Message.objects.filter(conversation__identity__contact=contact).values_list("sent_at", flat=True)
        assert contact.latest_contact_at == max(times)
        assert contact.first_contact_at == min(times)
    kept = Counter(StrayEvent.objects.values_list("reason", "kind"))
    elsewhere = [one for one in wanted.get("notices", ()) if one not in noticed(wanted)]
    expected_strays = {(one["reason"], one["kind"]) for one in wanted["strays"]}
    assert set(kept) == expected_strays | {("not_connected", "NoticeEvent") for _ in elsewhere}
    assert Channel.objects.count() == len(channels)
