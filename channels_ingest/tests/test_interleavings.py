"""Any interleaving, duplication and splitting into deliveries of the same conversations ends in the same state.

Events of two LINE accounts of one provider and a page, posted to the real endpoints. `INTERLEAVINGS` sets how many
are tried (default 60).
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_ingest.models import Mark, RawEvent, StrayEvent
from channels_ingest.secret_store import store
from contacts.models import Activity, Contact, Identity
from inbox.models import Conversation, Message, ThreadControl

from .posts import LINE_BOT, MS, PAGE, connect, line_body, line_event, page_body, page_item, post_line, post_meta

EXAMPLES = int(os.environ.get("INTERLEAVINGS", "60"))
OTHER_BOT = "U" + "c" * 32
PEOPLE = ("Ua", "Ub")
MESSAGES = tuple(str(number) for number in range(1, 4))
STEPS = st.integers(0, 4)  # few moments, so that many are equal

TABLES = (
    "channels_ingest_mark", "channels_ingest_rawevent", "channels_ingest_strayevent", "contacts_activity",
    "inbox_message", "inbox_conversation", "contacts_identity", "contacts_contact",
)  # fmt: skip


def line_thing(person: str, kind: str, at: int, **more: Any) -> dict[str, Any]:
    event = line_event(person, f"{kind}{at}{sorted(more.items())}", at=at)
    del event["message"]
    return {**event, "type": kind, **more}


@st.composite
def line_events(draw: st.DrawFn, bot: str) -> dict[str, Any]:
    """One event of a LINE account. What a message says depends on its id only: two versions of one cannot be."""
    person, mid, step = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(MESSAGES)), draw(STEPS)
    sent, told = MS + int(mid) // 2 * 1000, MS + step * 1000
    mid = f"{bot[1]}{person}{mid}"
    kind = draw(st.sampled_from(("message", "message", "message", "postback", "unsend", "follow", "unfollow", "new")))
    if kind == "message":
        return line_event(person, mid, f"words of {mid}", at=sent)
    if kind == "postback":
        return line_thing(
            person, "postback", told, postback={"data": f"button {step}"}, webhookEventId=f"pb{mid}{step}"
        )
    if kind == "unsend":
        return line_thing(person, "unsend", told, unsend={"messageId": mid})
    if kind == "new":
        return line_thing(person, "telepathy", told)
    # Both at one moment would be a contradiction that no platform can send.
    return line_thing(person, kind, told * 2 + (kind == "follow") * 500 - MS, follow={"isUnblocked": False})


@st.composite
def page_events(draw: st.DrawFn) -> dict[str, Any]:
    """One event of the page, either way, with what is told about messages: edits, reactions, receipts."""
    person, mid, step = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(MESSAGES)), draw(STEPS)
    sent, told = MS + int(mid) // 2 * 1000, MS + step * 1000
    item = page_item(person, f"m_{person}{mid}", f"words of {mid}", at=sent)
    is_out = int(mid) % 3 == 0
    if is_out:
        item["sender"], item["recipient"] = item["recipient"], item["sender"]
        item["message"]["is_echo"] = True
    about: dict[str, Any] = {"sender": {"id": person}, "recipient": {"id": PAGE}, "timestamp": told}
    full_mid = item["message"]["mid"]
    match draw(st.sampled_from(("message", "message", "message", "reaction", "edit", "read", "delivery", "ref"))):
        case "message":
            return item
        case "reaction":
            emoji = draw(st.sampled_from(("❤️", "👍", "")))
            action = "react" if emoji else "unreact"
            about["reaction"] = {"mid": full_mid, "action": action, "reaction": "other", "emoji": emoji}
        case "edit":
            number = draw(st.integers(1, 3))
            about["timestamp"] = MS + number * 1000
            about["message_edit"] = {"mid": full_mid, "text": f"edit {number} of {mid}", "num_edit": number}
        case "read":
            about["read"] = {"watermark": told}
        case "delivery":
            about["delivery"] = {"mids": [full_mid], "watermark": told}
        case "ref":
            about["referral"] = {"ref": f"autumn{step}", "source": "SHORTLINK", "type": "OPEN_THREAD"}
    return about


CONVERSATIONS = st.lists(
    st.one_of(
        st.tuples(st.just(LINE_BOT), line_events(LINE_BOT)),
        st.tuples(st.just(OTHER_BOT), line_events(OTHER_BOT)),
        st.tuples(st.just(PAGE), page_events()),
    ),
    min_size=2,
    max_size=24,
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Any], list[list[Any]]]:
    """Events once in order, and the same in any order, some twice, cut into deliveries."""
    events = draw(CONVERSATIONS)
    again = draw(st.lists(st.sampled_from(events), max_size=6))
    mixed = draw(st.permutations([*events, *again]))
    cuts = draw(st.lists(st.booleans(), min_size=len(mixed), max_size=len(mixed)))
    parts: list[list[Any]] = [[]]
    for event, cut in zip(mixed, cuts, strict=True):
        if parts[-1] and (cut or parts[-1][-1][0] != event[0]):
            parts.append([])
        parts[-1].append(event)
    return events, parts


def rows(model: Any, *fields: str) -> list[Any]:
    return sorted(model.objects.values_list(*fields), key=repr)


def state() -> dict[str, Any]:
    """All that ingest decides; ids and times of receipt are not decided by it."""
    chat = "conversation__identity__external_id"
    return {
        "contacts": rows(Contact, "name", "first_contact_at", "latest_contact_at", "platforms", "channel_ids"),
        "identities": rows(
            Identity, "channel_id", "external_id", "scope", "follow_state", "follow_changed_at", "first_seen_at",
            "last_seen_at", "origin_source", "origin_ref", "origin_title", "origin_at",
        ),
        "people": sorted(
            sorted(f"{i.channel_id}:{i.external_id}" for i in contact.identities.all())
            for contact in Contact.objects.prefetch_related("identities")
        ),
        "conversations": rows(
            Conversation, "identity__channel_id", "identity__external_id", "last_message_at", "last_direction",
            "last_kind", "last_preview", "last_in_at", "unread", "status", "delivered_upto", "seen_upto",
        ),
        "messages": rows(
            Message, chat, "platform_id", "direction", "kind", "text", "attachments", "reply_to", "sent_at",
            "platform_at", "delivery_state", "unsent_at", "edited_at", "edit_number", "reaction", "reacted_at", "error",
        ),
        "controls": rows(ThreadControl, chat, "at", "ours"),
        "activities": rows(Activity, "verb", "before", "after", "at", "platform_key"),
        "marks": rows(Mark, "channel_id", "person_id", "platform_id", "kind", "rank", "at", "value"),
        "raw": rows(RawEvent, "channel_id", "person_id", "platform_id", "body"),
        "strays": rows(StrayEvent, "channel_id", "person_id", "platform_id", "reason", "kind", "digest"),
    }  # fmt: skip


def wipe() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")


def deliver(channels: dict[str, Any], parts: list[list[Any]]) -> None:
    for part in parts:
        where = part[0][0]
        events = [event for _, event in part]
        if where == PAGE:
            answer = post_meta("facebook", page_body(*events))
        else:
            answer = post_line(channels[where], line_body(*events, destination=where))
        assert answer.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_same_state_however_it_is_delivered() -> None:
    channels = {bot: connect("line", bot, scope="line:provider:p") for bot in (LINE_BOT, OTHER_BOT)}
    connect("facebook", PAGE)
    store.forget()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(deliveries())
    def check(case: tuple[list[Any], list[list[Any]]]) -> None:
        events, parts = case
        wipe()
        deliver(channels, [[event] for event in events])
        wanted = state()
        wipe()
        deliver(channels, parts)
        assert state() == wanted
        assert not StrayEvent.objects.filter(reason__in=("failed", "unreadable")).exists()

    check()
