"""Where things are on the pages, for every browser test."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from contacts.models import Contact


def row(page: Page, contact: Contact) -> Locator:
    return page.locator(f'tr[data-contact-id="{contact.pk}"]')


def names(page: Page) -> list[str]:
    return page.locator("tbody tr .name").all_inner_texts()


def expect_names(page: Page, wanted: list[str]) -> None:
    """The list shows these, in this order, within the usual wait."""
    expect(page.locator("tbody tr .name")).to_have_text(wanted)


def expect_rows(page: Page, count: int) -> None:
    expect(page.locator("tbody tr[data-contact-id]")).to_have_count(count)


def open_drawer(page: Page, contact: Contact) -> Locator:
    """Click the name; the drawer with that contact in it."""
    row(page, contact).locator(".name").click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", level=2, name=contact.name)).to_be_visible()
    return drawer


def choose(page: Page, filter_name: str, option: str) -> None:
    """Tick an option of one of the list's filters and apply it."""
    box = page.locator(f"#filter-{filter_name}")
    box.locator("summary").click()
    box.get_by_label(option).check()
    box.get_by_role("button", name="Apply").click()
