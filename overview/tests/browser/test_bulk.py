"""Rows ticked and changed together in the browser: keys, ranges, all that match, progress, undo, no JavaScript."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from contacts.models import BulkJob, Contact, ContactLabel, UserType
from contacts.services.bulk import bulk_chunk, bulk_confirm, bulk_draft, bulk_work

from .conftest import OpenPage, Problems
from .pages import choose, expect_rows, row
from .shop import SIZE, Shop
from .test_axe import look


def bar(page: Page) -> Locator:
    return page.locator("form.bulk")


def selected(page: Page) -> Locator:
    return page.locator("[data-bulk-count]")


def said(page: Page) -> Locator:
    """What a screen reader is told."""
    return page.locator("#bulk-said")


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
    expect(selected(page)).to_have_text("6 selected")
    expect(page.locator("[data-select-page]")).to_have_js_property("indeterminate", True)
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**page=2*")
    expect(tick(page, shop.contacts[20])).not_to_be_checked()
    row(page, shop.contacts[20]).focus()
    page.keyboard.press("b")  # nothing is in the way of the keys from here to there
    expect(page.locator("[data-bulk-all]")).to_be_focused()
    row(page, shop.contacts[20]).focus()
    page.keyboard.press("x")
    expect(selected(page)).to_have_text("7 selected")
    page.locator("#sort-latest_contact").click()
    page.wait_for_url("**sort=latest_contact*")
    page.locator("#sort-latest_contact").click()
    expect(tick(page, shop.contacts[3])).to_be_checked()
    expect(selected(page)).to_have_text("7 selected")
    choose(page, "label", "Repeat buyer")
    expect(page.locator(".chip")).to_have_count(1)
    expect(bar(page)).to_be_hidden()


def test_ticks_outlive_back_and_reload(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    ready(page)
    tick(page, shop.contacts[0]).check()
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**page=2*")
    tick(page, shop.contacts[20]).check()
    page.go_back()
    expect(selected(page)).to_have_text("2 selected")
    expect(tick(page, shop.contacts[0])).to_be_checked()
    page.goto("/inbox/")
    page.go_back()
    expect(selected(page)).to_have_text("2 selected")
    page.reload()
    expect(selected(page)).to_have_text("2 selected")
    bar(page).get_by_role("button", name="Set VIP").click()
    page.get_by_role("button", name="Change 2 contacts").click()
    expect(bar(page)).to_be_hidden()
    assert vips() == {shop.contacts[0].pk, shop.contacts[20].pk}
    page.reload()
    expect_rows(page, 20)
    expect(bar(page)).to_be_hidden()
    tick(page, shop.contacts[1]).check()
    ready(page)  # by a link
    expect(bar(page)).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('saifa.ticks')") is None


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
    expect(selected(page)).to_have_text("20 selected")
    assert look(page, "bulk bar") == []
    bar(page).get_by_text("Select all 30").click()
    expect(selected(page)).to_have_text("30 selected")
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


def test_all_that_match_in_the_background_and_back(agent: User, shop: Shop, open_page: OpenPage) -> None:
    Contact.objects.bulk_create(Contact(name=f"Extra {number:03}") for number in range(300))
    page = open_page(agent)
    ready(page)
    tick(page, shop.contacts[0]).check()
    bar(page).get_by_text("Select all 345").click()
    expect(said(page)).to_have_text("345 selected")
    bar(page).get_by_role("button", name="Set VIP").click()
    expect(page.get_by_role("heading", name="Set VIP: 345 contacts")).to_be_focused()
    Contact.objects.create(name="Comes after the count", latest_contact_at=timezone.now())
    page.get_by_role("button", name="Change 345 contacts").click()
    status = page.locator("#bulk-status")
    expect(said(page)).to_have_text("Set VIP: 0 of 345")
    expect(page.locator(".table-wrap")).to_be_focused()
    job = BulkJob.objects.get()
    bulk_chunk(job_id=job.pk, size=100)  # what a worker does
    expect(status).to_contain_text("100 of 345")
    cancel = status.get_by_role("button", name="Cancel")
    cancel.focus()
    bulk_chunk(job_id=job.pk, size=100)
    expect(status).to_contain_text("200 of 345")  # swapped since
    expect(cancel).to_be_focused()
    bulk_work(job_id=job.pk)
    expect(status).to_contain_text("345 contacts changed")
    expect(said(page)).to_contain_text("345 contacts changed")
    expect(status.get_by_role("button", name="Close")).to_be_focused()
    expect(row(page, shop.contacts[1]).locator(".c-type")).to_have_text("VIP")
    assert len(vips()) == 345

    ready(page)  # the undo outlives a reload, until it is closed
    status.get_by_role("button", name="Undo").click()
    expect(status).to_contain_text("Undo: 0 of 345")
    expect(status.get_by_role("button", name="Cancel")).to_be_focused()
    bulk_work(job_id=BulkJob.objects.latest("id").pk)
    expect(status).to_contain_text("Undo: 345 contacts changed")
    expect(row(page, shop.contacts[1]).locator(".c-type")).not_to_have_text("VIP")
    assert vips() == set()
    ready(page)
    expect(status).to_be_empty()
    page.goto("/contacts/bulk/")
    expect(page.locator(".segment-list li")).to_have_count(2)
    expect(page.locator(".segment-list")).to_contain_text("Undone")
    assert look(page, "bulk changes") == []


def test_a_request_that_fails_is_told(agent: User, shop: Shop, open_page: OpenPage, problems: Problems) -> None:
    problems.expect("ERR_FAILED", "htmx:sendError", "/start/")
    page = open_page(agent)
    ready(page)
    tick(page, shop.contacts[0]).check()
    page.route("**/contacts/bulk/", lambda route: route.abort())
    bar(page).get_by_role("button", name="Set VIP").click()
    expect(page.locator("#main").get_by_role("alert")).to_contain_text("It did not work")
    page.unroute("**/contacts/bulk/")
    bar(page).get_by_role("button", name="Set VIP").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("[data-failed-note]")).to_have_count(0)
    page.route("**/start/", lambda route: route.fulfill(status=500))
    page.get_by_role("button", name="Change 1 contact").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("It did not work")
    page.unroute("**/start/")
    BulkJob.objects.all().delete()
    page.get_by_role("button", name="Change 1 contact").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#bulk-status")).to_contain_text("Select them again")
    assert vips() == set()


def test_a_failed_undo_leaves_the_line_where_it_is(
    agent: User, shop: Shop, open_page: OpenPage, problems: Problems
) -> None:
    problems.expect("ERR_FAILED", "htmx:sendError")
    page = open_page(agent)
    ready(page)
    tick(page, shop.contacts[0]).check()
    bar(page).get_by_role("button", name="Set VIP").click()
    page.get_by_role("button", name="Change 1 contact").click()
    undo = page.locator("#bulk-status").get_by_role("button", name="Undo")
    page.route("**/undo/", lambda route: route.abort())
    undo.click()
    expect(page.locator("#main").get_by_role("alert")).to_contain_text("It did not work")
    page.unroute("**/undo/")
    undo.click()
    expect(page.locator("#bulk-status")).to_contain_text("Undo: 1 contact changed")
    assert vips() == set()


def test_a_press_outlives_the_poll_under_it(agent: User, shop: Shop, open_page: OpenPage) -> None:
    job = bulk_draft(actor=agent, action="vip_set", contacts=Contact.objects.all())
    bulk_confirm(job_id=job.pk)  # and no worker takes it
    page = open_page(agent)
    page.goto(f"/contacts/bulk/{job.pk}/")
    page.locator("#bulk-cancel").hover()
    page.mouse.down()
    for _poll in range(2):
        with page.expect_response(f"**/bulk/{job.pk}/"):
            pass
    page.mouse.up()
    expect(page.locator("#bulk-status")).to_contain_text("Stopped after 0 of")


def test_a_poll_does_not_take_away_what_is_being_sent(agent: User, shop: Shop, open_page: OpenPage) -> None:
    job = bulk_draft(actor=agent, action="vip_set", contacts=Contact.objects.all())
    bulk_confirm(job_id=job.pk)  # and no worker takes it
    page = open_page(agent)
    held: list[Route] = []
    page.route("**/cancel/", lambda route: held.append(route))
    page.goto(f"/contacts/bulk/{job.pk}/")
    page.locator("#bulk-cancel").click()
    for _poll in range(2):
        with page.expect_response(f"**/bulk/{job.pk}/"):
            pass
    held[0].continue_()
    expect(page.locator("#bulk-status")).to_contain_text("Stopped after 0 of")


def test_a_job_of_somebody_else_is_forgotten(
    agent: User, owner: User, shop: Shop, open_page: OpenPage, problems: Problems
) -> None:
    """Who signs in after a colleague in the same tab is told nothing of the colleague's job."""
    problems.expect("404")
    job = bulk_draft(actor=owner, action="vip_set", contacts=Contact.objects.all())
    page = open_page(agent)
    ready(page)
    page.evaluate("job => sessionStorage.setItem('saifa.bulk', job)", job.pk)
    with page.expect_response("**/?again"):
        ready(page)
    page.wait_for_function("!sessionStorage.getItem('saifa.bulk')")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_page_of_a_draft_opened_by_itself(agent: User, shop: Shop, open_page: OpenPage) -> None:
    """As a button opened in a new tab does it: the page has scripts, and no list below the dialog."""
    job = bulk_draft(actor=agent, action="vip_set", contacts=Contact.objects.filter(pk=shop.first.pk))
    page = open_page(agent)
    page.goto(f"/contacts/bulk/{job.pk}/")
    page.get_by_role("button", name="Change 1 contact").click()
    expect(page.locator("#bulk-status")).to_contain_text("1 contact changed")
    page.locator("#bulk-status").get_by_role("button", name="Undo").click()
    expect(page.locator("#bulk-status")).to_contain_text("Undo: 1 contact changed")
    page.go_back()
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
