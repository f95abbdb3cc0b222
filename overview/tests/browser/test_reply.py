"""Answering in the browser: typed, sent, its state shown; refusals keep the words; no page has anything against it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from channels_ingest.models import Connection, ConnectionState
from inbox.models import Conversation, Message
from inbox.tests.factories import make_message

from .conftest import OpenPage, Problems
from .shop import Shop
from .test_axe import look


@pytest.fixture
def chat(shop: Shop) -> Conversation:
    """The shop's chat, on a connected channel; nothing carries its replies on."""
    Connection.objects.create(channel=shop.conversation.identity.channel, state=ConnectionState.CONNECTED)
    return shop.conversation


def on_messenger(shop: Shop, chat: Conversation) -> None:
    """Move it to the page, where there is a reply window."""
    chat.identity.channel = shop.page
    chat.identity.save()
    Connection.objects.update(channel=shop.page)


def open_chat(page: Page, chat: Conversation) -> Page:
    page.goto(f"/inbox/{chat.pk}/")
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    return page


def bubbles(page: Page) -> list[str]:
    return page.locator(".m.out .bub").all_inner_texts()


def test_written_sent_and_settled(agent: User, chat: Conversation, open_page: OpenPage) -> None:
    page = open_chat(open_page(agent), chat)
    page.keyboard.press("r")
    box = page.get_by_label("Message", exact=True)
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("สวัสดีค่ะ")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("พร้อมส่งค่ะ")
    page.keyboard.press("Enter")
    mine = page.locator(".m.out").last
    expect(mine.locator(".bub")).to_have_text("สวัสดีค่ะ\nพร้อมส่งค่ะ")
    expect(mine.locator(".going")).to_have_text("Sending…")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    box.fill("one line\n" * 12)  # the box grows, the newest message stays in sight
    expect(mine.locator(".bub")).to_be_in_viewport(ratio=1)
    message = Message.objects.get(direction="out")
    assert (message.text, message.sender) == ("สวัสดีค่ะ\nพร้อมส่งค่ะ", agent)
    box.fill("a draft that stays")
    Message.objects.filter(pk=message.pk).update(delivery_state="failed", error="quota", platform_id=None)
    page.evaluate("document.body.dispatchEvent(new Event('inbox:changed'))")
    expect(mine.locator(".by.fail")).to_contain_text("Not sent: this month’s LINE messages are used up.")
    expect(page.locator("[data-live]")).to_have_text("A message was not sent")
    expect(box).to_have_value("a draft that stays")
    mine.get_by_role("button", name="Retry").click()
    expect(mine.locator(".going")).to_have_text("Sending…")
    expect(box).to_have_value("a draft that stays")
    message.refresh_from_db()
    assert message.delivery_state == "queued"


def test_enter_in_the_middle_of_a_composed_letter_sends_nothing(
    agent: User, chat: Conversation, open_page: OpenPage
) -> None:
    page = open_chat(open_page(agent), chat)
    box = page.get_by_label("Message", exact=True)
    box.fill("กำลังพิมพ์")
    enter = {"key": "Enter", "bubbles": True, "cancelable": True}
    for event in ({**enter, "isComposing": True}, {**enter, "keyCode": 229}):
        box.evaluate("(area, event) => area.dispatchEvent(new KeyboardEvent('keydown', event))", event)
    expect(box).to_have_value("กำลังพิมพ์")
    box.press("Control+Enter")
    expect(page.locator(".m.out .bub")).to_have_text("กำลังพิมพ์")
    box.press("Enter")  # empty: nothing
    assert Message.objects.filter(direction="out").count() == 1


def test_refused_words_stay_in_the_box(
    agent: User, shop: Shop, chat: Conversation, open_page: OpenPage, problems: Problems
) -> None:
    problems.expect("status of 422")
    on_messenger(shop, chat)
    page = open_chat(open_page(agent), chat)
    box = page.get_by_label("Message", exact=True)
    box.fill("ยาว" * 700)
    expect(page.locator("[data-count]")).to_have_text("2,100 / 2,000")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#reply-error")).to_contain_text("Too long for Messenger by 100.")
    expect(box).to_have_value("ยาว" * 700)
    found = look(page, "reply refused")
    box.fill("สั้น")
    expect(page.locator("[data-count]")).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".m.out .bub")).to_have_text("สั้น")
    expect(page.locator("#reply-error")).to_be_hidden()
    assert found == []


def test_lost_connection_keeps_the_words(
    agent: User, chat: Conversation, open_page: OpenPage, problems: Problems
) -> None:
    problems.expect("ERR_FAILED", "[object HTMLFormElement]")
    page = open_chat(open_page(agent), chat)
    page.route("**/reply/", lambda route: route.abort())
    box = page.get_by_label("Message", exact=True)
    box.fill("ส่งแล้วค่ะ")
    box.press("Enter")
    expect(page.locator("#reply-error")).to_contain_text("Your text is kept: send it again.")
    expect(box).to_have_value("ส่งแล้วค่ะ")
    page.unroute("**/reply/")
    box.press("Enter")
    expect(page.locator(".m.out .bub")).to_have_text("ส่งแล้วค่ะ")
    expect(page.locator("#reply-error")).to_be_hidden()


def test_the_window_closes_and_opens_before_your_eyes(
    agent: User, shop: Shop, chat: Conversation, open_page: OpenPage
) -> None:
    on_messenger(shop, chat)
    page = open_chat(open_page(agent), chat)
    standing, box = page.locator("#reply-standing"), page.get_by_label("Message", exact=True)
    expect(standing).to_contain_text("Messenger: 23 h 55 min left of 24 h")
    box.fill("half a sentence")
    page.wait_for_load_state("networkidle")  # marking the chat as read rolls its times up again
    found = []
    for hours, words, closed in ((20, "3 h 59 min left", False), (25, "the reply window is closed", True)):
        Conversation.objects.filter(pk=chat.pk).update(last_in_at=timezone.now() - dt.timedelta(hours=hours))
        page.evaluate("document.body.dispatchEvent(new Event('inbox:changed'))")
        expect(standing).to_contain_text(words)
        expect(page.get_by_role("button", name="Send")).to_be_disabled() if closed else None
        expect(box).to_have_value("half a sentence")
        found += look(page, f"composer, {words}")
    assert box.evaluate("area => area.readOnly")
    chat.refresh_from_db()
    make_message(chat, "Are you there?", at=timezone.now())
    page.evaluate("document.body.dispatchEvent(new Event('inbox:changed'))")
    expect(standing).to_contain_text("23 h 59 min left")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    box.press("Enter")
    expect(page.locator(".m.out .bub")).to_have_text("half a sentence")
    assert found == []


def test_failed_replies_have_nothing_against_them(agent: User, chat: Conversation, open_page: OpenPage) -> None:
    for number, error in enumerate(("uncertain", "quota", "10/2018278")):
        make_message(chat, "ได้รับยอดแล้วค่ะ", direction="out", delivery_state="failed", error=error, sender=agent)
        assert Message.objects.filter(error=error).update(retry_key=f"{number:032x}", platform_id=None)
    page = open_chat(open_page(agent), chat)
    expect(page.get_by_role("button", name="Send again")).to_have_count(1)
    assert look(page, "failed replies") == []


def test_without_javascript(agent: User, chat: Conversation, open_page: OpenPage) -> None:
    page = open_chat(open_page(agent, java_script_enabled=False), chat)
    page.get_by_label("Message", exact=True).fill("แบบไม่มีสคริปต์")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".m.out .bub")).to_have_text("แบบไม่มีสคริปต์")
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
