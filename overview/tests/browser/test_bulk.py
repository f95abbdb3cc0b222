"""Rows ticked and changed together in the browser: keys, ranges, all that match, progress, undo, no JavaScript."""

from __future__ import annotations

from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from contacts.models import BulkJob, Contact, ContactLabel, UserType

from .conftest import OpenPage
from .pages import choose, expect_rows, row
from .shop import SIZE, Shop
from .test_axe import look


def bar(page: Page) -> Locator:
    return page.locator("form.bulk")


def tick(page: Page, contact: Contact) -> Locator:
    return row(page, contact).locator("input[data-select]")


def ready(page: Page, path: str = "/contacts/") -> None:
    page.goto(path)
    expect_rows(page, 20)


def vips() -> set[int]:
    return set(Contact.objects.filter(user_type=UserType.VIP).values_list("pk", flat=True))


def test_ticks_outlive_pages_and_orders_not_filters(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    ready(page)
    expect(bar(page)).to_be_hidden()
    tick(page, shop.contacts[0]).check()
    tick(page, shop.contacts[5]).click(modifiers=["Shift"])
    expect(bar(page).get_by_role("status")).to_have_text("6 selected")
    expect(page.locator("[data-select-page]")).to_have_js_property("indeterminate", True)
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**page=2*")
    expect(tick(page, shop.contacts[20])).not_to_be_checked()
    row(page, shop.contacts[20]).focus()
    page.keyboard.press("x")
    expect(bar(page).get_by_role("status")).to_have_text("7 selected")
    page.locator("#sort-latest_contact").click()
    page.wait_for_url("**sort=latest_contact*")
    page.locator("#sort-latest_contact").click()
    expect(tick(page, shop.contacts[3])).to_be_checked()
    expect(bar(page).get_by_role("status")).to_have_text("7 selected")
    choose(page, "label", "Repeat buyer")
    expect(page.locator(".chip")).to_have_count(1)
    expect(bar(page)).to_be_hidden()


def test_a_label_on_ticked_rows_and_back(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    ready(page)
    for place in (1, 2):
        tick(page, shop.contacts[place]).check()
    bar(page).get_by_role("button", name="Add label").click()
    dialog = page.locator("#bulk-dialog")
    expect(dialog.get_by_role("heading", name="Add label: 2 contacts")).to_be_focused()
    dialog.get_by_role("button", name="Change 2 contacts").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose one.")
    found = look(page, "bulk dialog")
    dialog.get_by_label("COD").check()
    dialog.get_by_role("button", name="Change 2 contacts").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#bulk-status")).to_contain_text("2 contacts changed")
    expect(row(page, shop.contacts[1]).locator(".c-label")).to_contain_text("COD")
    expect(bar(page)).to_be_hidden()
    found += look(page, "bulk done")
    page.locator("#bulk-status").get_by_role("button", name="Undo").click()
    expect(page.locator("#bulk-status")).to_contain_text("Undo: 2 contacts changed")
    expect(row(page, shop.contacts[1]).locator(".c-label")).not_to_contain_text("COD")
    assert not ContactLabel.objects.filter(label=shop.cod).exists()
    page.locator("#bulk-status").get_by_role("button", name="Close").click()
    expect(page.locator("#bulk-status")).to_be_empty()
    assert found == []


def test_all_that_match(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(marketer)
    ready(page, f"/contacts/?channel={shop.page.pk}")
    page.locator("[data-select-page]").check()
    expect(bar(page).get_by_role("status")).to_have_text("20 selected")
    assert look(page, "bulk bar") == []
    bar(page).get_by_text("Select all 30").click()
    expect(bar(page).get_by_role("status")).to_have_text("30 selected")
    expect(bar(page).get_by_role("button", name="Assign")).to_have_count(0)
    bar(page).get_by_role("button", name="Set VIP").click()
    page.get_by_role("button", name="Change 30 contacts").click()
    expect(page.locator("#bulk-status")).to_contain_text("30 contacts changed")
    expect(row(page, shop.contacts[1]).locator(".c-type")).to_have_text("VIP")
    assert vips() == {c.pk for k, c in enumerate(shop.contacts) if k % 3}


def test_progress_outlives_a_reload_and_can_be_cancelled(agent: User, shop: Shop, open_page: OpenPage) -> None:
    Contact.objects.bulk_create(Contact(name=f"Extra {number:03}") for number in range(300))
    page = open_page(agent)
    ready(page)
    page.locator("[data-select-page]").check()
    bar(page).get_by_text(f"Select all {300 + SIZE}").click()
    bar(page).get_by_role("button", name="Set VIP").click()
    page.get_by_role("button", name="Change 345 contacts").click()
    status = page.locator("#bulk-status")
    expect(status.get_by_role("progressbar")).to_be_visible()  # no worker runs beside the tests: it stays at the start
    expect(status).to_contain_text("0 of 345")
    assert look(page, "bulk progress") == []
    ready(page)
    expect(status).to_contain_text("0 of 345")
    status.get_by_role("button", name="Cancel").click()
    expect(status).to_contain_text("Stopped after 0 of 345")
    assert BulkJob.objects.get().state == "cancelled"
    assert vips() == set()


def test_without_javascript(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent, java_script_enabled=False)
    ready(page)
    for place in (0, 1, 2):
        tick(page, shop.contacts[place]).check()
    bar(page).get_by_role("button", name="Set VIP").click()
    page.get_by_role("button", name="Change 3 contacts").click()
    expect(page.locator("#bulk-status")).to_contain_text("3 contacts changed")
    assert vips() == {contact.pk for contact in shop.contacts[:3]}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#bulk-status")).to_contain_text("Undo: 3 contacts changed")
    page.get_by_role("link", name="Back to contacts").click()
    expect_rows(page, 20)
    assert vips() == set()
