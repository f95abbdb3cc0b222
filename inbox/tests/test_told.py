"""What is shown beside messages: reactions, edits, how far a reply has come, who had the chat."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from inbox.markers import Marker, placed, standby_markers
from inbox.models import Conversation, DeliveryState, Direction, Kind, Message, ThreadControl
from inbox.receipts import delivery_state

from .factories import NOON, make_conversation, make_message, make_messages

HTMX = {"HX-Request": "true"}
EVIL = "<img src=x onerror=alert(1)>"


def later(minutes: int) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def page(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def of(page: str, message: Message) -> str:
    """The list item of one message."""
    found = re.search(rf'<li class="m[^>]* id="m{message.pk}".*?</li>', page, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("own", "delivered", "seen", "state"),
    [
        ("", None, None, "sent"),  # another app's: the platform has it at the least
        ("sent", None, None, "sent"),
        ("sent", -1, None, "sent"),
        ("sent", 0, None, "delivered"),
        ("sent", 5, -1, "delivered"),
        ("sent", None, 0, "read"),
        ("delivered", None, None, "delivered"),
        ("read", None, None, "read"),
        ("read", 0, -1, "read"),
        ("queued", 5, 5, "queued"),
        ("failed", 5, 5, "failed"),
    ],
)
def test_the_farthest_receipt_wins(own: str, delivered: int | None, seen: int | None, state: str) -> None:
    conversation = Conversation(
        delivered_upto=None if delivered is None else later(delivered), seen_upto=None if seen is None else later(seen)
    )
    message = Message(direction=Direction.OUT, sent_at=NOON, delivery_state=own)
    assert delivery_state(message, conversation) == state


@pytest.mark.parametrize("direction", [Direction.IN, Direction.NOTE])
def test_only_what_goes_out_has_receipts(direction: str) -> None:
    message = Message(direction=direction, sent_at=NOON)
    assert delivery_state(message, Conversation(seen_upto=later(5))) == DeliveryState.NONE
    gone = Message(direction=Direction.OUT, sent_at=NOON, unsent_at=later(1))
    assert delivery_state(gone, Conversation(seen_upto=later(5))) == DeliveryState.NONE


def test_stretches_of_standby() -> None:
    moments = [(0, True), (1, False), (2, False), (5, True), (6, True), (7, False), (7, True), (9, False)]
    markers = list(standby_markers([ThreadControl(at=later(at), ours=ours) for at, ours in moments]))
    assert [(marker.at, marker.lasts) for marker in markers] == [(later(1), False), (later(9), True)]
    assert markers[0].text == "Another app handled this chat from 20 Nov 2026, 12:01 to 12:05."
    assert markers[1].text == "Another app has been handling this chat since 20 Nov 2026, 12:09."
    (night,) = standby_markers([ThreadControl(at=NOON, ours=False), ThreadControl(at=later(24 * 60), ours=True)])
    assert night.text == "Another app handled this chat from 20 Nov 2026, 12:00 to 21 Nov 2026, 12:00."
    assert list(standby_markers([])) == []


def test_a_marker_stands_on_exactly_one_page() -> None:
    markers = [Marker(later(at), str(at), "plug") for at in (-9, 0, 5, 15, 21, 25, 99)]
    lasting = Marker(later(-3), "lasts", "plug", lasts=True)
    old = placed([*markers, lasting], [later(0), later(10)], first=None, last=later(20))
    new = placed([*markers, lasting], [later(20), later(30)], first=later(20), last=None)
    assert [[one.text for one in row] for row in old] == [["-9", "0"], ["5"], ["15"]]
    assert [[one.text for one in row] for row in new] == [[], ["21", "25"], ["lasts", "99"]]
    assert placed([], [], first=None, last=None) == [[]]


@pytest.mark.django_db
def test_reaction_stands_on_the_message_and_goes_with_it(agent_client: Client) -> None:
    chat = make_conversation()
    loved = make_message(chat, "Yes, 3 left", direction=Direction.OUT, reaction="❤️", reacted_at=later(3))
    plain = make_message(chat, "Thanks", at=later(1))
    hostile = make_message(chat, "Hm", at=later(2), reaction=EVIL, reacted_at=later(3))
    gone = make_message(chat, "", at=later(4), reaction="😮", reacted_at=later(5), unsent_at=later(6))
    for path in (f"/inbox/{chat.pk}/", f"/inbox/contact/{chat.identity.contact_id}/"):
        html = page(agent_client, path)
        assert '<span class="sr">Customer reacted ❤️</span>' in html
        assert 'title="20 Nov 2026, 12:03"' in html
        assert EVIL not in html and html.count("Customer reacted") == 2
    html = page(agent_client, f"/inbox/{chat.pk}/")
    assert "Customer reacted ❤️" in of(html, loved)
    assert "Customer reacted &lt;img" in of(html, hostile)
    assert "reacted" not in of(html, plain) + of(html, gone)


@pytest.mark.django_db
def test_edits_say_when(agent_client: Client) -> None:
    chat = make_conversation()
    edited = make_message(chat, "Two please", edited_at=later(7), edit_number=1)
    plain = make_message(chat, "Thanks", at=later(1))
    gone = make_message(chat, "", at=later(2), edited_at=later(7), unsent_at=later(8))
    html = page(agent_client, f"/inbox/{chat.pk}/")
    assert 'title="20 Nov 2026, 12:07">Edited</time>' in of(html, edited)
    assert "Edited" not in of(html, plain) + of(html, gone)
    assert page(agent_client, f"/inbox/contact/{chat.identity.contact_id}/").count("Edited</time>") == 1


@pytest.mark.django_db
def test_replies_say_how_far_they_have_come(agent_client: Client) -> None:
    chat = make_conversation(delivered_upto=later(5), seen_upto=later(1))
    states = {"Seen": 0, "Delivered": 4, "Sent": 9}
    made = {
        words: make_message(chat, words.lower(), at=later(at), direction=Direction.OUT) for words, at in states.items()
    }
    question = make_message(chat, "and?", at=later(3))
    for headers in ({}, HTMX):
        html = page(agent_client, f"/inbox/{chat.pk}/", **headers)
        for words, message in made.items():
            assert f" · {words}" in of(html, message)
        assert 'class="tick ok"' in of(html, made["Seen"]) and 'class="tick"' in of(html, made["Sent"])
        assert not re.search("Seen|Sent|Delivered", of(html, question))


@pytest.mark.django_db
def test_carts_and_contact_cards(agent_client: Client) -> None:
    chat = make_conversation()
    cart = make_message(chat, "2 × Linen tote\n1 × Mug", kind=Kind.ORDER)
    card = make_message(chat, "", at=later(1), kind=Kind.CONTACT)
    html = page(agent_client, f"/inbox/{chat.pk}/")
    assert (
        "Sent a cart" in of(html, cart) and "2 × Linen tote\n1 × Mug" in of(html, cart) and "#i-bag" in of(html, cart)
    )
    assert "Sent a contact card" in of(html, card) and "#i-users" in of(html, card)
    assert '<span class="trunc" dir="auto">Sent a contact card</span>' in html


@pytest.mark.django_db
def test_standby_is_marked_in_the_thread(agent_client: Client) -> None:
    chat = make_conversation()
    make_message(chat, "before", at=later(0))
    make_message(chat, "while away", at=later(10))
    make_message(chat, "after", at=later(20))
    for minute, ours in ((5, False), (15, True), (30, False)):
        ThreadControl.objects.create(conversation=chat, at=later(minute), ours=ours)
    for headers in ({}, HTMX):
        html = page(agent_client, f"/inbox/{chat.pk}/", **headers)
        places = [html.index(f">{words}</p>") for words in ("before", "while away", "after")]
        away = html.index("Another app handled this chat from 20 Nov 2026, 12:05 to 12:15.")
        still = html.index("Another app has been handling this chat since 20 Nov 2026, 12:30.")
        assert places[0] < away < places[1] < places[2] < still


@pytest.mark.django_db
def test_marked_once_over_all_pages(agent_client: Client) -> None:
    chat = make_conversation()
    messages = make_messages(chat, 120, step=60)
    for message in messages[::7]:
        ThreadControl.objects.create(conversation=chat, at=message.sent_at, ours=False)
        ThreadControl.objects.create(conversation=chat, at=message.sent_at + dt.timedelta(seconds=30), ours=True)
    path: str | None = f"/inbox/{chat.pk}/"
    marks, pages = 0, 0
    while path:
        html = page(agent_client, path, **HTMX)
        marks, pages = marks + html.count("Another app handled"), pages + 1
        older = re.search(r'hx-get="([^"]+before=[^"]+)"', html)
        path = older[1].replace("&amp;", "&") if older else None
    assert (marks, pages) == (len(messages[::7]), 3)


@pytest.mark.django_db
def test_it_costs_the_same_however_much_is_told(agent_client: Client) -> None:
    chat = make_conversation(seen_upto=later(500))
    make_messages(chat, 40)

    def queries() -> list[int]:
        counts = []
        for path in (f"/inbox/{chat.pk}/", f"/inbox/contact/{chat.identity.contact_id}/"):
            with CaptureQueriesContext(connection) as captured:
                page(agent_client, path)
            counts.append(len(captured))
        return counts

    queries()  # the rail counts unread chats once, then only when the inbox changed
    few = queries()
    Message.objects.update(reaction="👍", reacted_at=NOON, edited_at=NOON)
    ThreadControl.objects.bulk_create(
        ThreadControl(conversation=chat, at=later(minute), ours=bool(minute % 2)) for minute in range(500)
    )
    assert queries() == few
    assert Contact.objects.count() == 1
