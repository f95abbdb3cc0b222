"""Pages of the inbox: who may, what they cost, what they show and what they never show."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from contacts.models import Contact, ContactLabel, Platform
from inbox import live
from inbox.models import Direction, Kind
from labels.models import Label

from .factories import (
    NOON,
    make_channel,
    make_conversation,
    make_message,
    make_messages,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def body(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_who_may_read(
    agent_client: Client,
    marketer_client: Client,
    owner_client: Client,
    outsider_client: Client,
    client: Client,
) -> None:
    chat = make_conversation()
    make_message(chat)
    paths = (
        "/inbox/",
        f"/inbox/{chat.pk}/",
        f"/inbox/contact/{chat.identity.contact_id}/",
        "/inbox/changes/",
    )
    for path in paths:
        for allowed in (agent_client, marketer_client, owner_client):
            assert allowed.get(path).status_code == 200
        assert outsider_client.get(path).status_code == 403
        assert client.get(path).status_code == 302


def test_who_may_write(agent_client: Client, marketer_client: Client, owner_client: Client, client: Client) -> None:
    chat = make_conversation()
    make_message(chat)
    posts = {
        "read": {"upto": NOON.isoformat()},
        "unread": {},
        "status": {"status": "closed"},
        "spam": {"spam": "0"},
    }
    for name, data in posts.items():
        path = f"/inbox/{chat.pk}/{name}/"
        assert marketer_client.post(path, data).status_code == 403
        assert agent_client.post(path, data).status_code == 302
        assert owner_client.post(path, data).status_code == 302
        assert agent_client.get(path).status_code == 405
        assert client.post(path, data).status_code == 302
    assert "<form" not in body(marketer_client, f"/inbox/{chat.pk}/").split("data-msgs")[0].split("th-head")[1]


def test_reading_a_page_changes_nothing_and_the_form_marks_it(
    agent_client: Client,
) -> None:
    chat = make_conversation()
    message = make_message(chat)
    page = body(agent_client, f"/inbox/{chat.pk}/")
    chat.refresh_from_db()
    assert chat.unread == 1
    assert 'hx-trigger="load"' in page
    late = make_message(chat, at=NOON + dt.timedelta(seconds=1))
    upto = re.search(r'name="upto" value="([^"]+)"', page)
    assert upto and upto[1] == message.sent_at.isoformat()
    answer = agent_client.post(f"/inbox/{chat.pk}/read/", {"upto": upto[1]}, headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"]) == (204, "inbox:changed")
    chat.refresh_from_db()
    assert chat.unread == 1  # the one that came in between
    agent_client.post(f"/inbox/{chat.pk}/read/", {"upto": "2999-01-01T00:00:00+00:00"})
    chat.refresh_from_db()
    assert chat.read_at == late.sent_at  # nobody has seen the future
    assert agent_client.post(f"/inbox/{chat.pk}/read/", {"upto": "2026-99-99T00:00"}).status_code == 302


def test_actions_come_back_to_the_same_list_and_nowhere_else(
    agent_client: Client,
) -> None:
    chat = make_conversation()
    make_message(chat)
    answer = agent_client.post(f"/inbox/{chat.pk}/status/", {"status": "follow_up", "back": "?box=unread&q=a"})
    assert answer["Location"] == f"/inbox/{chat.pk}/?box=unread&q=a"
    answer = agent_client.post(
        f"/inbox/{chat.pk}/unread/",
        {"back": "//evil.example/?next=http://evil.example"},
    )
    assert answer["Location"] == "/inbox/"
    assert agent_client.post(f"/inbox/{chat.pk}/status/", {"status": "nonsense"}).status_code == 400
    assert agent_client.post("/inbox/999999/status/", {"status": "open"}).status_code == 404


def _queries(client: Client, path: str, **headers: str) -> int:
    body(client, path, **headers)  # the rail counts unread chats once, then only when the inbox changed
    with CaptureQueriesContext(connection) as queries:
        body(client, path, **headers)
    return len(queries)


def test_a_chat_costs_the_same_for_five_and_five_hundred_messages(
    agent_client: Client,
) -> None:
    few, many = make_conversation(), make_conversation()
    make_messages(few, 5)
    make_messages(many, 500)
    for path, headers in (("/inbox/{}/", {}), ("/inbox/{}/", HTMX)):
        assert _queries(agent_client, path.format(few.pk), **headers) == _queries(
            agent_client, path.format(many.pk), **headers
        )
    assert _queries(agent_client, f"/inbox/contact/{few.identity.contact_id}/") == _queries(
        agent_client, f"/inbox/contact/{many.identity.contact_id}/"
    )


def test_the_list_costs_the_same_for_one_and_thirty_chats(agent_client: Client) -> None:
    label = Label.objects.create(name="ลูกค้าประจำ")
    counts = []
    for many in (1, 29):
        for _ in range(many):
            chat = make_conversation()
            make_message(chat)
            ContactLabel.objects.create(contact=chat.identity.contact, label=label)
        counts.append(_queries(agent_client, "/inbox/"))
    assert counts[0] == counts[1]


def test_changes_touch_no_table_but_those_of_sign_in(agent_client: Client) -> None:
    live.bump()
    with CaptureQueriesContext(connection) as queries:
        answer = agent_client.get("/inbox/changes/")
    assert answer.content.decode() == str(live.current())
    tables = {name for query in queries for name in re.findall(r'FROM "(\w+)"', query["sql"])}
    assert tables <= {"django_session", "auth_user", "auth_group"}
    assert agent_client.get("/inbox/changes/", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    live.bump()
    assert agent_client.get("/inbox/changes/", headers={"If-None-Match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("kind", Kind.values)
def test_whatever_they_send_is_text(agent_client: Client, kind: str) -> None:
    chat = make_conversation(name=EVIL, channel=make_channel(EVIL))
    make_message(
        chat,
        EVIL,
        kind=kind,
        attachments=[
            {
                "kind": "image",
                "url": "javascript:alert(1)",
                "title": EVIL,
                "size": "1",
                "duration": [1],
            },
            {"kind": "location", "latitude": "x", "longitude": 10**400, "title": None},
            {
                "kind": EVIL,
                "url": "https://cdn.example/a\"b'c",
                "title": "\u202egnp.exe",
            },
            "nonsense",
        ],
    )
    for path in (
        "/inbox/",
        f"/inbox/{chat.pk}/",
        f"/inbox/contact/{chat.identity.contact_id}/",
        "/inbox/?q=" + EVIL,
    ):
        page = body(agent_client, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "javascript:" not in page
        assert not re.search(r"<(img|video|audio|iframe|source)[^>]+cdn\.example", page)
    assert escape(EVIL) in body(agent_client, f"/inbox/{chat.pk}/")


def test_links_lead_out_safely(agent_client: Client) -> None:
    chat = make_conversation()
    make_message(
        chat,
        "",
        kind=Kind.IMAGE,
        attachments=[{"kind": "image", "url": "https://cdn.example/a.jpg?x=1&y=2"}],
    )
    page = body(agent_client, f"/inbox/{chat.pk}/")
    link = re.search(r'<a [^>]*href="https://cdn\.example/a\.jpg\?x=1&amp;y=2"[^>]*>', page)
    assert link
    assert 'rel="noopener noreferrer nofollow"' in link[0]
    assert 'target="_blank"' in link[0]
    assert "Open original" in page


def test_unsent_is_not_shown_anywhere(agent_client: Client) -> None:
    chat = make_conversation()
    secret = make_message(
        chat,
        "secret words",
        attachments=[
            {
                "kind": "image",
                "url": "https://cdn.example/secret.jpg",
                "title": "secret",
            }
        ],
    )
    make_message(
        chat,
        "an answer",
        at=NOON + dt.timedelta(minutes=1),
        reply_to=secret.platform_id,
    )
    secret.unsent_at = NOON
    secret.save()
    for path in (f"/inbox/{chat.pk}/", f"/inbox/contact/{chat.identity.contact_id}/"):
        page = body(agent_client, path)
        assert "secret" not in page
        assert "Message unsent" in page
        assert "an answer" in page


def test_history_marks_each_message_with_its_channel(agent_client: Client) -> None:
    contact = Contact.objects.create(name="Ploy")
    on_line = make_conversation(contact=contact, channel=make_channel("Saifa Shop", Platform.LINE))
    on_facebook = make_conversation(contact=contact, channel=make_channel("LIV"))
    make_message(on_line, "on LINE", at=NOON)
    make_message(
        on_facebook,
        "on Facebook",
        at=NOON + dt.timedelta(minutes=1),
        direction=Direction.OUT,
    )
    page = body(agent_client, f"/inbox/contact/{contact.pk}/")
    assert page.index("on Facebook") < page.index("on LINE")
    assert re.search(r"LIV.*Shop.*on Facebook.*Saifa Shop.*Ploy.*on LINE", page, re.DOTALL)


def test_history_and_thread_are_read_to_the_end_by_links(agent_client: Client) -> None:
    chat = make_conversation()
    make_messages(chat, 120, step=3600)
    for start, pattern in (
        (f"/inbox/{chat.pk}/", r'href="([^"]+before=[^"]+)"'),
        (f"/inbox/contact/{chat.identity.contact_id}/", r'href="([^"]+earlier=[^"]+)"'),
    ):
        for headers in ({}, HTMX):
            seen: list[int] = []
            path: str | None = start
            while path:
                page = body(agent_client, path, **headers)
                seen += [int(number) for number in re.findall(r"<p class=\"bub[^>]*>message (\d+)</p>", page)]
                older = re.search(pattern, page.replace("data-", "").replace("&amp;", "&"))
                path = older[1] if older else None
            assert sorted(seen) == list(range(120))


def test_day_is_named_once_where_pages_meet(agent_client: Client) -> None:
    chat = make_conversation()
    make_messages(chat, 80, step=60)  # 80 minutes of one day
    first = body(agent_client, f"/inbox/{chat.pk}/", **HTMX)
    older = re.search(r'hx-get="([^"]+before=[^"]+)"', first)
    assert first.count("Fri 20 Nov 2026</") == 1
    assert older
    above = body(agent_client, older[1], **HTMX)
    assert above.count("Fri 20 Nov 2026</") == 1  # at the top of the older page, and it replaces the first one
    history = body(agent_client, f"/inbox/contact/{chat.identity.contact_id}/")
    assert history.count("Fri 20 Nov 2026</") == 1
    below = re.search(r'hx-get="([^"]+earlier=[^"]+)"', history)
    assert below
    assert body(agent_client, below[1], **HTMX).count("Fri 20 Nov 2026</") == 0


def test_previews(agent_client: Client) -> None:
    for text, fields, words in (
        ("", {"kind": Kind.IMAGE}, "Sent a photo"),
        ("", {"kind": Kind.IMAGE, "direction": Direction.OUT}, "You sent a photo"),
        (
            "Size S is back",
            {"direction": Direction.OUT},
            "You: <bdi>Size S is back</bdi>",
        ),
        ("", {"kind": Kind.STICKER}, "Sticker"),
        ("", {"kind": Kind.STORY_MENTION}, "Mentioned you in a story"),
        ("", {}, "Message unsent"),
    ):
        chat = make_conversation()
        make_message(chat, text, **fields)
        page = body(agent_client, f"/inbox/?channel={chat.identity.channel_id}")
        assert re.search(rf'<span class="trunc" dir="auto">{re.escape(words)}</span>', page), words


def test_deep_links_and_missing_chats(agent_client: Client, agent: User) -> None:
    assert agent_client.get("/inbox/424242/").status_code == 404
    assert agent_client.get("/inbox/99999999999999999999/").status_code == 404
    assert agent_client.get("/inbox/contact/99999999999999999999/").status_code == 404
    chat = make_conversation()
    make_message(chat)
    for query in (
        "before=x",
        "since=1_1",
        "before=999999999999999999_1",
        "rows=9999",
        "earlier=-",
        "before=-9_9",
    ):
        assert agent_client.get(f"/inbox/{chat.pk}/?{query}").status_code == 200
        assert agent_client.get(f"/inbox/{chat.pk}/?{query}", headers=HTMX).status_code == 200
        assert agent_client.get(f"/inbox/?{query}", headers=HTMX).status_code == 200


def test_thai(agent_client: Client) -> None:
    chat = make_conversation("กิ๊ฟท์ ปิ่นมณี น้ำผึ้ง")
    make_message(chat, "โอนแล้วนะคะ\nรบกวนเช็กให้หน่อยค่ะ 🙏")
    page = body(agent_client, f"/inbox/{chat.pk}/", **{"Accept-Language": "th"})
    assert "วันศุกร์ที่ 20 พ.ย. 2569" in page
    assert "โอนแล้วนะคะ\nรบกวนเช็กให้หน่อยค่ะ 🙏" in page


@pytest.mark.parametrize("place", ["253402300799999999_1", "-62135596800000000_1", "999999999999999999_1"])
def test_a_place_at_the_end_of_the_calendar_is_a_page(agent_client: Client, place: str) -> None:
    chat = make_conversation()
    contact_id = chat.identity.contact_id
    for url in (f"/inbox/{chat.pk}/?before={place}", f"/inbox/contact/{contact_id}/?earlier={place}"):
        assert agent_client.get(url, headers=HTMX).status_code == 200
