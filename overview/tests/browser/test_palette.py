"""The command palette and the search in messages, in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, Route, expect

from inbox.tests.factories import make_messages, minutes_ago

from .conftest import OpenPage, Problems
from .shop import Shop
from .test_axe import look


def palette(page: Page) -> Locator:
    return page.locator("#palette")


def box(page: Page) -> Locator:
    return palette(page).get_by_role("combobox")


def options(page: Page) -> Locator:
    return palette(page).get_by_role("option")


def chosen(page: Page) -> Locator:
    return palette(page).locator("[role=option][aria-selected=true]")


def opened(page: Page, path: str = "/contacts/") -> Page:
    """The palette over a page, with what it shows before anything is typed."""
    page.goto(path)
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()
    expect(options(page).first).to_be_visible()
    return page


def expect_answer(page: Page, words: str) -> None:
    """The list answers these letters."""
    expect(page.locator("#palette-list")).to_have_attribute("data-q", words)


def test_keys_find_and_open(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(agent))
    expect(palette(page).get_by_role("group", name="Pages")).to_be_visible()
    expect(chosen(page)).to_have_count(1)
    box(page).fill("customer 07")
    expect_answer(page, "customer 07")
    expect(chosen(page)).to_contain_text("Customer 07")
    expect(box(page)).to_have_attribute("aria-activedescendant", "pl-c1")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("in messages")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # round the top to the last
    expect(chosen(page)).to_contain_text("Show all contacts")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/contacts/{shop.contacts[6].pk}/$"))


def test_chats_orders_and_pages_by_mouse(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(agent))
    box(page).fill(shop.first.name)
    palette(page).get_by_role("group", name="Chats").get_by_role("option").first.click()
    expect(page).to_have_url(re.compile(rf"/inbox/{shop.conversation.pk}/$"))
    opened(page)
    box(page).fill("sf-003")
    order = palette(page).get_by_role("group", name="Orders").get_by_role("option")
    order.hover()
    expect(chosen(page)).to_contain_text("SF-003")
    order.click()
    expect(page).to_have_url(re.compile(rf"/contacts/{shop.contacts[3].pk}/\?tab=orders$"))
    opened(page)
    box(page).fill("inbox")
    expect_answer(page, "inbox")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/inbox/$"))


def test_enter_right_after_typing_waits_for_the_answer(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(agent))
    box(page).press_sequentially("customer 23")
    page.keyboard.press("Enter")  # the debounce has not even passed: what is shown answers nothing typed
    expect(page).to_have_url(re.compile(rf"/contacts/{shop.contacts[22].pk}/$"))


def test_works_inside_fields_and_gives_the_focus_back(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    field = page.locator("#list-q")
    field.click()
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    expect(field).to_be_focused()
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_visible()
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_hidden()
    button = page.get_by_role("link", name="Search everything")
    expect(button).to_have_attribute("title", "Search everything (Ctrl K)")
    button.click()
    expect(box(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(palette(page).get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_be_focused()


def test_a_slow_answer_never_covers_a_newer_one(
    agent: User, shop: Shop, open_page: OpenPage, problems: Problems
) -> None:
    problems.expect("htmx:afterRequest", "htmx:sendAbort")  # so htmx tells of the request given up
    page = opened(open_page(agent))
    first = re.compile(r"/search/\?q=customer(%20|\+)1$")
    held: list[Route] = []
    page.route(first, lambda route: held.append(route))
    with page.expect_request(first):
        box(page).fill("customer 1")
    box(page).fill("customer 12")
    expect_answer(page, "customer 12")
    for route in held:
        route.continue_()  # the late one comes now, if it was not given up
    page.unroute(first)
    box(page).fill("customer 12x")
    expect_answer(page, "customer 12x")
    expect(palette(page)).to_contain_text("Nothing found for “customer 12x”")


def test_nothing_is_asked_while_a_word_is_composed(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.clock.install()
    opened(page)
    cdp: Any = page.context.new_cdp_session(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/" in request.url else None)
    cdp.send("Input.imeSetComposition", {"text": "cust", "selectionStart": 4, "selectionEnd": 4})
    expect(box(page)).to_have_value("cust")
    page.clock.run_for(1000)  # well past the debounce
    assert asked == []
    cdp.send("Input.insertText", {"text": "customer 03"})
    expect_answer(page, "customer 03")


def test_a_failing_search_says_so_and_can_be_asked_again(
    agent: User, shop: Shop, open_page: OpenPage, problems: Problems
) -> None:
    problems.expect("500", "Response Status Error")
    failing = re.compile(r"/search/\?q=custom$")
    page = opened(open_page(agent))
    page.route(failing, lambda route: route.fulfill(status=500, body="no"))
    box(page).fill("custom")
    expect(palette(page).get_by_role("alert")).to_contain_text("did not answer")
    page.unroute(failing)
    page.keyboard.press("Enter")
    expect_answer(page, "custom")


def test_palette_on_a_phone_and_without_scripts(agent: User, shop: Shop, open_page: OpenPage) -> None:
    phone = open_page(agent, viewport={"width": 390, "height": 844}, has_touch=True)
    phone.goto("/contacts/")
    phone.get_by_role("navigation", name="Main").get_by_role("link", name="Search", exact=True).click()
    box(phone).fill("customer 09")
    expect_answer(phone, "customer 09")
    options(phone).first.click()
    expect(phone).to_have_url(re.compile(rf"/contacts/{shop.contacts[8].pk}/$"))
    plain = open_page(agent, java_script_enabled=False)
    plain.goto("/contacts/")
    plain.get_by_role("link", name="Search everything").click()
    plain.get_by_role("searchbox", name="Search contacts, chats, orders and pages").fill("customer 09")
    plain.keyboard.press("Enter")
    plain.get_by_role("link", name="Customer 09").first.click()
    expect(plain).to_have_url(re.compile(rf"/contacts/{shop.contacts[8].pk}/$"))


def test_axe(owner: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(owner))
    found = look(page, "palette")
    box(page).fill(shop.first.name)
    expect_answer(page, shop.first.name)
    found += look(page, "palette with results")
    box(page).fill("sf-0")
    expect_answer(page, "sf-0")
    found += look(page, "palette with orders")
    for path in ("/search/?q=customer", "/inbox/search/", "/inbox/search/?q=glow", "/inbox/search/?q=nothing"):
        page.goto(path)
        found += look(page, path)
    assert found == []


# The search in messages


def test_messages_are_found_as_one_types_and_open_in_their_chat(agent: User, shop: Shop, open_page: OpenPage) -> None:
    made = make_messages(shop.conversation, 120, at=minutes_ago(60 * 24 * 9))
    page = open_page(agent)
    page.goto("/inbox/?q=glow")
    page.get_by_role("link", name="Search “glow” in messages").click()
    expect(page.locator(".fd")).to_have_count(1)
    expect(page.locator(".fd mark")).to_have_text("Glow")
    page.get_by_role("searchbox", name="Search in messages").fill("message 3")
    expect(page.locator(".fd")).to_have_count(21)
    expect(page).to_have_url(re.compile(r"\?q=message(%20|\+)3$"))
    page.locator(".fd a").last.click()
    message = page.locator(f"#m{made[3].pk}")
    expect(message).to_be_in_viewport()
    expect(page.locator(".page")).to_have_js_property("scrollTop", 0)
    expect(page.get_by_role("link", name="Newest messages")).to_be_attached()


@pytest.mark.parametrize(
    ("path", "field"),
    [("/contacts/", "Search contacts by name"), ("/inbox/", "Search chats"), ("/inbox/search/", "Search in messages")],
)
def test_letters_typed_before_the_scripts_run_are_searched(
    agent: User, shop: Shop, open_page: OpenPage, path: str, field: str
) -> None:
    page = open_page(agent)
    held: list[Route] = []
    page.route(re.compile(r"/htmx[^/]*\.js"), lambda route: held.append(route))
    page.goto(path, wait_until="commit")
    page.get_by_role("searchbox", name=field).fill("customer 07")
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"\?.*q=customer(%20|\+)07"))


def test_older_messages_come_under_those_on_the_screen(
    agent: User, shop: Shop, open_page: OpenPage, problems: Problems
) -> None:
    make_messages(shop.conversation, 40)
    page = open_page(agent)
    page.goto("/inbox/search/?q=message")
    expect(page.locator(".fd")).to_have_count(30)
    older = page.get_by_role("link", name="Older")
    older.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fd")).to_have_count(40)
    expect(page.locator(".fd a").nth(30)).to_be_focused()
    problems.expect("500", "Response Status Error")
    page.route("**/inbox/search/?q=other*", lambda route: route.fulfill(status=500, body="no"))
    page.get_by_role("searchbox", name="Search in messages").fill("other")
    expect(page.get_by_role("alert")).to_contain_text("did not answer")
