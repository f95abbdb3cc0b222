"""The list without a mouse: every key of the help, off in fields and dialogs, the focus kept over a swap."""

from __future__ import annotations

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from .conftest import OpenPage
from .pages import expect_rows, row
from .shop import Shop


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def opened(page: Page) -> Page:
    page.goto("/contacts/")
    expect_rows(page, 20)
    return page


def test_rows(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(agent))
    press(page, "k")
    expect(row(page, shop.contacts[0])).to_be_focused()
    press(page, "j", "j")
    third = row(page, shop.contacts[2])
    expect(third).to_be_focused()
    expect(third).to_have_css("outline-style", "solid")
    press(page, *"j" * 30)
    expect(row(page, shop.contacts[19])).to_be_focused()
    expect(row(page, shop.contacts[19])).to_be_in_viewport()
    press(page, "Enter")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", level=2, name=shop.contacts[19].name)).to_be_focused()
    press(page, "Escape")
    expect(drawer).to_be_hidden()
    press(page, "k")
    expect(row(page, shop.contacts[18])).to_be_focused()


def test_edit_and_labels_of_the_row(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(agent))
    press(page, "j", "e")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_label("Phone")).to_be_visible()
    expect(drawer.get_by_role("heading", level=2, name=shop.contacts[0].name)).to_be_visible()
    drawer.locator("h2").focus()
    press(page, "l")  # of the panel that is open, where no row has the focus
    expect(drawer.get_by_role("button", name="Save labels")).to_be_visible()
    row(page, shop.contacts[3]).focus()
    press(page, "l")
    expect(drawer.get_by_role("heading", level=2, name=shop.contacts[3].name)).to_be_visible()
    expect(drawer.get_by_role("button", name="Save labels")).to_be_visible()


def test_select(agent: User, shop: Shop, open_page: OpenPage) -> None:
    """`x` clicks the row's checkbox; keys go on while that has the focus."""
    page = opened(open_page(agent))
    page.evaluate(
        """for (const row of document.querySelectorAll("tr[data-contact-id]")) {
             if (row.querySelector("input[data-select]")) continue;
             const box = Object.assign(document.createElement("input"), { type: "checkbox" });
             box.dataset.select = "";
             row.lastElementChild.prepend(box);
           }"""
    )
    press(page, "j", "j", "x")
    box = row(page, shop.contacts[1]).locator("input[data-select]")
    expect(box).to_be_checked()
    box.focus()
    press(page, "j", "x")
    expect(row(page, shop.contacts[2]).locator("input[data-select]")).to_be_checked()


def test_enter_on_a_ticked_row_opens_it(agent: User, shop: Shop, open_page: OpenPage) -> None:
    """In a checkbox Enter presses the first button of its form: Add label."""
    page = opened(open_page(agent))
    row(page, shop.contacts[1]).locator("input[data-select]").click()
    press(page, "Enter")
    expect(page.locator("#drawer").get_by_role("heading", level=2, name=shop.contacts[1].name)).to_be_visible()
    press(page, "Escape")
    page.get_by_role("checkbox", name="Select all").last.focus()
    press(page, "Enter")
    page.get_by_role("button", name="Set VIP").click()
    expect(page.locator("#bulk-dialog").get_by_role("heading", name="Set VIP: 1 contact")).to_be_visible()


def test_the_row_stays_over_a_swap(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(agent))
    press(page, "j", "j", "j")
    page.evaluate("document.getElementById('contact-list').kept = true")
    page.evaluate("htmx.trigger(document.body, 'contactChanged')")
    page.locator("#contact-list:not([aria-busy])").wait_for()
    expect(row(page, shop.contacts[2])).to_be_focused()
    row(page, shop.contacts[4]).locator("a[data-panel]").focus()
    page.evaluate("htmx.trigger(document.body, 'contactChanged')")
    expect(row(page, shop.contacts[4])).to_be_focused()  # the link is another one now; its row is the same


def test_search_places_and_help(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = opened(open_page(agent))
    press(page, "/")
    box = page.get_by_role("searchbox", name="Search contacts")
    expect(box).to_be_focused()
    page.keyboard.type("jx?")  # letters in a field are letters
    expect(box).to_have_value("jx?")
    expect(page.locator("#keys")).to_be_hidden()
    expect_rows(page, 0)
    box.fill("")
    expect_rows(page, 20)
    page.locator("body").click(position={"x": 300, "y": 30})
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "j", "g", "i")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#keys")).to_be_hidden()
    press(page, "j", "?")
    expect(page.locator("#keys-title")).to_be_focused()
    press(page, "Escape")
    expect(row(page, shop.contacts[0])).to_be_focused()
    press(page, "g", "i")
    page.wait_for_url("**/inbox/**")
    press(page, "g", "c")
    page.wait_for_url("**/contacts/")
