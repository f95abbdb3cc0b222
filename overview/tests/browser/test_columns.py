"""Columns and row height in the browser: chosen, moved, kept, on a phone and without JavaScript; nothing jumps."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, ViewportSize, expect

from .conftest import OpenPage
from .pages import expect_names, expect_rows, row
from .shop import Shop
from .test_axe import look

USUAL = ["Customer Name", "Channel", "User Type", "Label", "Phone Number", "Latest Contact", "Value"]
SHIFTS = """
    window.shifts = [];
    const told = (source) => [source.node?.parentElement?.className, source.previousRect, source.currentRect];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifts.push([entry.value, entry.sources.map(told)]);
    }).observe({ type: "layout-shift", buffered: true });
"""


def expect_headings(page: Page, wanted: list[str]) -> None:
    expect(page.locator("thead th:not(.c-more):not(.c-check)")).to_have_text(wanted)


def open_menu(page: Page) -> Locator:
    menu = page.locator("#filter-columns")
    menu.locator("summary").click()
    expect(menu.get_by_role("button", name="Apply")).to_be_visible()
    return menu


def test_choose_move_and_come_back(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/?sort=name&page=2")
    page.evaluate("document.querySelector('.rail').kept = true")
    menu = open_menu(page)
    menu.get_by_role("checkbox", name="Phone Number", exact=True).uncheck()
    menu.get_by_role("checkbox", name="Email", exact=True).check()
    menu.get_by_role("button", name="Move Value up").click()
    expect(menu.get_by_role("button", name="Move Value up")).to_be_focused()
    menu.get_by_label("Compact").check()
    menu.get_by_role("button", name="Apply").click()
    expect_headings(page, ["Customer Name", "Channel", "User Type", "Label", "Value", "Latest Contact", "Email"])
    expect(page.locator("#contact-list")).to_have_attribute("data-density", "compact")
    expect(page.locator("#filter-columns")).not_to_have_attribute("open", "")
    expect(page.locator("#filter-columns > summary")).to_be_focused()
    expect(row(page, shop.contacts[20]).locator(".c-email")).to_have_text("customer21@example.com")
    assert page.evaluate("document.querySelector('.rail').kept")
    assert page.url.endswith("/contacts/?sort=name&page=2")
    assert round(page.locator("tbody tr").first.bounding_box()["height"]) == 36  # type: ignore[index]

    page.goto("/contacts/")
    expect_headings(page, ["Customer Name", "Channel", "User Type", "Label", "Value", "Latest Contact", "Email"])
    open_menu(page).get_by_role("button", name="Reset").click()
    expect_headings(page, USUAL)
    assert round(page.locator("tbody tr").first.bounding_box()["height"]) == 44  # type: ignore[index]


def test_choosing_keeps_the_filters_that_were_swapped_in(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    page.get_by_role("searchbox", name="Search contacts").fill("customer 17")
    expect_names(page, ["Customer 17"])
    menu = open_menu(page)
    menu.get_by_role("checkbox", name="Channel", exact=True).uncheck()
    menu.get_by_role("button", name="Apply").click()
    expect_headings(page, [title for title in USUAL if title != "Channel"])
    expect_names(page, ["Customer 17"])


def test_every_column_fits_and_the_name_stays_in_view(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    menu = open_menu(page)
    for title in ("Email", "First Contact", "Orders", "Last Order", "Assignee", "Follow State"):
        menu.get_by_role("checkbox", name=title, exact=True).check()
    menu.get_by_role("button", name="Apply").click()
    expect(page.locator("thead th")).to_have_count(15)
    name = page.locator("tbody .c-name").first
    at, wrap = name.bounding_box(), page.locator(".table-wrap")
    assert at and at["width"] >= 200
    wrap.evaluate("box => { box.scrollLeft = 300 }")
    moved = name.bounding_box()
    assert moved and moved["x"] == at["x"]
    assert look(page, "all columns") == []


def test_on_a_phone(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent, viewport=ViewportSize(width=390, height=844))
    page.goto("/contacts/")
    menu = open_menu(page)
    menu.get_by_role("checkbox", name="Email", exact=True).check()
    menu.get_by_role("button", name="Apply").click()
    expect(row(page, shop.contacts[0]).locator(".c-email")).to_be_visible()  # has one
    expect(row(page, shop.contacts[1]).locator(".c-email")).to_be_hidden()  # has none: no empty line
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_menu_open_has_nothing_for_axe(owner: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(owner)
    page.goto("/contacts/")
    open_menu(page)
    assert look(page, "column menu") == []
    page.keyboard.press("Escape")
    expect(page.locator("#filter-columns > summary")).to_be_focused()


def test_without_javascript(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent, java_script_enabled=False)
    page.goto("/contacts/?sort=name")
    page.locator("#filter-columns summary").click()
    page.get_by_role("link", name="Choose columns").click()
    page.get_by_role("button", name="Move Value up").click()
    page.get_by_role("checkbox", name="Email", exact=True).check()
    page.get_by_role("button", name="Apply").click()
    expect_headings(page, [*USUAL[:-2], "Value", "Latest Contact", "Email"])
    assert page.url.endswith("/contacts/?sort=name")
    page.locator("#filter-columns summary").click()
    page.get_by_role("link", name="Choose columns").click()
    page.get_by_role("button", name="Reset").click()
    expect_headings(page, USUAL)
    row(page, shop.first).locator(".name").click()
    page.wait_for_url(f"**/contacts/{shop.first.pk}/")
    for action in ("View Chat History", "Manage Labels", "Edit Contact Information", "View Order History"):
        expect(page.get_by_role("link", name=action).first).to_be_visible()


def test_one_menu_for_every_row(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    more = row(page, shop.contacts[2]).get_by_label("More for Customer 03", exact=True)
    more.focus()
    page.keyboard.press("Enter")
    expect(row(page, shop.contacts[2]).get_by_role("link", name="View Order History")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.locator("#sort-name").click()
    expect(page.get_by_role("columnheader", name="Customer Name")).to_have_attribute("aria-sort", "ascending")
    row(page, shop.contacts[4]).get_by_label("More for Customer 05", exact=True).click()
    row(page, shop.contacts[4]).get_by_role("link", name="Manage Labels").click()
    expect(page.locator("#drawer").get_by_role("heading", level=3, name="Manage Labels")).to_be_visible()
    expect(page.locator("#drawer").get_by_role("heading", level=2, name="Customer 05")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps(agent: User, shop: Shop, open_page: OpenPage, width: int) -> None:
    """No layout shift on load or over a swap; none is excused by an input, because there is none."""
    page = open_page(agent, viewport=ViewportSize(width=width, height=900))
    page.add_init_script(SHIFTS)
    page.goto("/contacts/")
    expect_rows(page, 20)
    page.evaluate("document.fonts.ready.then(() => null)")
    link = "#sort-name" if width == 1440 else "#page-next"
    page.evaluate(f"document.querySelector('{link}').click()")
    expect(page.locator("tbody tr .name").first).to_have_text("Customer 01" if width == 1440 else "Customer 21")
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    shifts: list[Any] = page.evaluate("window.shifts")
    assert shifts == []


def test_a_menu_whose_word_has_not_come_shows_nothing(agent: User, shop: Shop, open_page: OpenPage) -> None:
    """A page is painted as far as it has come: between <details> and <summary> the browser writes "Details"."""
    page = open_page(agent)
    page.goto("/contacts/")
    menu = page.locator("#filter-columns")
    expect(menu).to_be_visible()
    page.evaluate("document.querySelectorAll('details > summary').forEach((word) => word.remove())")
    expect(menu).to_be_hidden()
    expect(page.locator("details").filter(visible=True)).to_have_count(0)
