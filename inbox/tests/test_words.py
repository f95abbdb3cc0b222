"""The search in messages: what is found, in which order, at what cost, and what it shows of it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.keyset import Cursor
from inbox.models import Conversation, Direction, Message
from inbox.selectors import message_search, words
from inbox.words import LENGTH, WordQuery, snippet

from .factories import NOON, make_conversation, make_message, make_messages
from .test_views import EVIL, HTMX, body


def found(query: str) -> list[str]:
    return [message.text for message in message_search(query=WordQuery.read(query)).messages]


def marked(text: str, query: str) -> str:
    parts = snippet(text, WordQuery.read(query).words)
    return "".join(f"[{part.text}]" if part.marked else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "query", "wanted"),
    [
        ("Is the Glow set here?", "GLOW", "Is the [Glow] set here?"),
        ("glow and Glow", "glow w", "[glow] and [Glow]"),
        ("ขอน้ำหนึ่งขวด", "น้ำ", "ขอ[น้ำ]หนึ่งขวด"),
        ("Full ＧＬＯＷ width", "glow", "Full [ＧＬＯＷ] width"),
        ("ไปที่ร้าน", "ท", "ไป[ที่]ร้าน"),  # marks stay on their letter
        ("none of it", "glow", "none of it"),
        ("ab", "a b", "[ab]"),
    ],
)
def test_snippet_marks_every_word(text: str, query: str, wanted: str) -> None:
    assert marked(text, query) == wanted


def test_snippet_of_a_long_text_is_around_the_first_match() -> None:
    text = "x" * 5000 + " needle " + "y" * 5000
    shown = marked(text, "needle")
    assert "[needle]" in shown
    assert shown.startswith("…") and shown.endswith("…")
    assert len(shown) <= LENGTH + 4


@given(st.text(max_size=60), st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_snippet_of_a_short_text_is_the_text(text: str, query: str) -> None:
    assert "".join(part.text for part in snippet(text, WordQuery.read(query).words)) == text


@pytest.mark.parametrize(
    ("text", "usable"), [("abc", True), ("สมช", True), ("ab cd", False), ("!!!", False), ("a-b-c", False)]
)
def test_what_the_index_can_narrow(text: str, usable: bool) -> None:
    assert WordQuery.read(text).has_trigrams is usable


@pytest.mark.django_db
def test_every_word_must_occur_somewhere_newest_first() -> None:
    chat, other = make_conversation(), make_conversation("Somchai")
    make_message(chat, "Glow set, size M please")
    make_message(other, "is the GLOW SET in stock?", at=NOON + dt.timedelta(minutes=1), direction=Direction.OUT)
    make_message(chat, "glow only", at=NOON + dt.timedelta(minutes=2))
    assert found("set glow") == ["is the GLOW SET in stock?", "Glow set, size M please"]
    assert found("lo et") == found("set glow")
    assert found("glow")[0] == "glow only"
    assert found("Ｇｌｏｗ ＯＮ") == ["glow only"]
    assert found("nothing like it") == []


@pytest.mark.django_db
def test_signs_of_like_are_literal() -> None:
    chat = make_conversation()
    for text in ("100% cotton", "100 cotton", "a_b", "axb", "back\\slash"):
        make_message(chat, text)
    assert found("100%") == ["100% cotton"]
    assert found("100％") == ["100% cotton"]
    assert found("a_b") == ["a_b"]
    assert found("k\\s") == ["back\\slash"]


@pytest.mark.django_db
def test_what_was_taken_back_and_spam_are_never_found() -> None:
    chat, spam = make_conversation(), make_conversation("Spammer", is_spam=True)
    make_message(chat, "secret glow", unsent_at=NOON)  # even where a row still held its words
    make_message(spam, "glow for free")
    make_message(chat, "glow here")
    assert found("glow") == ["glow here"]
    Message.objects.filter(text="glow here").update(text="", unsent_at=NOON)
    assert found("glow") == []


@pytest.mark.django_db
@pytest.mark.parametrize("walk", [1, 7, 10_000])
def test_pages_hold_every_match_once_by_either_way(walk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk of one message leaves all to the index, a long one all to the walk; equal times are settled by id."""
    monkeypatch.setattr(words, "WALK", walk)
    chat = make_conversation()
    made = make_messages(chat, 25, step=0) + make_messages(make_conversation(), 25)
    wanted = sorted(made, key=lambda message: (message.sent_at, message.pk), reverse=True)
    query, before, got = WordQuery.read("message"), None, []
    for _page in range(20):
        page = message_search(query=query, before=before, size=7)
        got += [message.pk for message in page.messages]
        assert page.searched_to is None
        if (before := page.older) is None:
            break
    assert got == [message.pk for message in wanted]


@pytest.mark.django_db
def test_what_the_index_cannot_narrow_is_looked_for_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "WALK", 2)
    monkeypatch.setattr(words, "LONG_WALK", 10)
    chat = make_conversation()
    made = make_messages(chat, 25)
    make_message(chat, "zq", at=NOON - dt.timedelta(minutes=1))
    query = WordQuery.read("zq")
    first = message_search(query=query)
    assert (first.messages, first.searched_to) == ([], made[15].sent_at)
    assert first.older == Cursor(made[15].sent_at, made[15].pk)
    second = message_search(query=query, before=first.older)
    last = message_search(query=query, before=second.older)
    assert [message.text for message in last.messages] == ["zq"]
    assert last.older is None


@pytest.mark.django_db
def test_an_index_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "WALK", 2)
    monkeypatch.setattr(words, "_INDEX", "SELECT 1, now() FROM pg_sleep(5) WHERE %(size)s > 0")
    monkeypatch.setattr(words, "INDEX_MILLISECONDS", 20)
    chat = make_conversation()
    make_message(chat, "the one needle", at=NOON - dt.timedelta(hours=1))
    make_messages(chat, 5)
    assert found("needle") == ["the one needle"]


@pytest.mark.django_db
def test_plans() -> None:
    """The walk along its index, the words by theirs: neither reads the table from end to end."""
    make_messages(make_conversation(), 3000)
    search = words._Search(WordQuery.read("needle"), Cursor(NOON + dt.timedelta(days=9), 9), 30)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inbox_message, inbox_conversation; SELECT gin_clean_pending_list('message_words')")
        plan = _plan(cursor, words._WALK.format(**search.parts), {**search.params, "walk": 9})
        assert "Index Scan using message_sent" in plan
        search.use_indexes("1s", "off")
        plan = _plan(cursor, words._INDEX.format(**search.parts), search.params)
        assert "Bitmap Index Scan on message_words" in plan and "Seq Scan" not in plan


def _plan(cursor: Any, statement: str, params: dict[str, Any]) -> str:
    cursor.execute(f"EXPLAIN {statement}", params)
    return "\n".join(row[0] for row in cursor.fetchall())


# The page


def path(query: str, **more: str) -> str:
    return "/inbox/search/?" + "&".join(f"{key}={value}" for key, value in {"q": query, **more}.items())


def test_who_may_search(
    agent_client: Client, marketer_client: Client, owner_client: Client, outsider_client: Client, client: Client
) -> None:
    for allowed in (agent_client, marketer_client, owner_client):
        assert allowed.get(path("glow")).status_code == 200
        assert allowed.post(path("glow")).status_code == 405
    assert outsider_client.get(path("glow")).status_code == 403
    assert client.get(path("glow")).status_code == 302


def test_a_result_leads_into_the_chat_at_its_message(agent_client: Client) -> None:
    chat = make_conversation("Nok")
    made = make_messages(chat, 200)
    page = body(agent_client, path(made[20].text.replace(" ", "+")))
    link = re.findall(r'href="(/inbox/\d+/\?at=[^"#]+)#m(\d+)"', page)[-1]
    assert int(link[1]) == made[20].pk
    thread = body(agent_client, link[0])
    assert f'id="m{made[20].pk}"' in thread
    assert f'id="m{made[32].pk}"' in thread and f'id="m{made[34].pk}"' not in thread
    assert "data-older-page" in thread


def test_a_result_near_the_end_leads_to_the_newest_page(agent_client: Client) -> None:
    chat = make_conversation()
    made = make_messages(chat, 60)
    cursor = Cursor(made[55].sent_at, made[55].pk)
    thread = body(agent_client, f"/inbox/{chat.pk}/?at={cursor}")
    assert f'id="m{made[55].pk}"' in thread and f'id="m{made[59].pk}"' in thread
    assert "data-older-page" not in thread


def test_words_are_marked_and_escaped(agent_client: Client) -> None:
    chat = make_conversation(EVIL)
    make_message(chat, f"glow {EVIL} <b>glow</b>")
    page = body(agent_client, path("glow"))
    assert page.count("<mark>glow</mark>") == 2
    assert "<script>alert" not in page and "<img src=x" not in page and "<b>glow" not in page
    assert "<script>alert" not in body(agent_client, "/inbox/search/?q=%3Cscript%3Ealert(1)%3C/script%3E")


def test_directions_are_told(agent_client: Client) -> None:
    chat = make_conversation()
    for direction in Direction.values:
        make_message(chat, f"glow {direction}", direction=direction)
    page = body(agent_client, path("glow"))
    assert page.count("Internal note") == 1
    assert page.count("Shop") >= 1


def test_states(agent_client: Client) -> None:
    assert "What was it about?" in body(agent_client, path(""))
    assert "at least 2 letters" in body(agent_client, path("g"))
    assert "No message holds these words" in body(agent_client, path("glow"))
    for odd in ("%00", "%ED%A0%80x", "a" * 3000, "%25", "_" * 5, "+" * 9):
        assert agent_client.get(path(odd)).status_code == 200
    assert agent_client.get(path("glow", before="nonsense")).status_code == 200


def test_older_rows_are_put_under_those_on_the_screen(agent_client: Client) -> None:
    make_messages(make_conversation(), 70)
    first = body(agent_client, path("message"))
    assert first.count('class="fd"') == 30
    older = re.search(r'hx-get="([^"]+)"[^>]*>Older<', first)
    assert older
    rows = body(agent_client, older[1].replace("&amp;", "&"), **HTMX)
    assert rows.count('class="fd"') == 30 and "<form" not in rows and "<section" not in rows
    assert "Newest messages" in body(agent_client, older[1].replace("&amp;", "&"))


def test_a_page_costs_the_same_however_many_are_found(agent_client: Client) -> None:
    """Session, person, roles; the walk; the messages with whom they are with; shop's name; where the walk was not
    enough: its end. The unread chats in the rail."""
    counts = []
    body(agent_client, path("nobody said so"))  # what is asked for now and then
    for made in (1, 29):
        make_messages(make_conversation(), made)
        with CaptureQueriesContext(connection) as captured:
            body(agent_client, path("message"))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8


def test_contacts_and_inbox_offer_it(agent_client: Client) -> None:
    make_message(make_conversation("Nok"))
    for page in (body(agent_client, "/contacts/?q=nok"), body(agent_client, "/inbox/?q=no%22k")):
        assert re.search(r'href="/inbox/search/\?q=no(k|%22k)"', page)
    assert "/inbox/search/" not in body(agent_client, "/contacts/")
    assert Conversation.objects.count() == 1
