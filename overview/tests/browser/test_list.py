"""The contact list in the browser: filters, order, pages, search, the report, and life without JavaScript."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, Route, expect

from .conftest import OpenPage, Problems
from .pages import choose, expect_names, expect_rows, names, open_drawer, row
from .shop import SIZE, Shop


def expect_query(page: Page, wanted: dict[str, list[str]]) -> None:
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query) == wanted)


def test_filters_chips_and_a_url_to_share(agent: User, marketer: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    expect_rows(page, 20)
    choose(page, "channel", "Facebook Saifa Beauty")
    expect(page.locator(".pager")).to_contain_text("30")
    choose(page, "label", "Repeat buyer")
    expect(page.locator(".chip")).to_have_count(2)
    wanted = [c.name for k, c in enumerate(shop.contacts) if k % 3 and not k % 4]
    expect_rows(page, len(wanted))
    expect_names(page, wanted)
    expect_query(page, {"channel": [str(shop.page.pk)], "label": [str(shop.repeat.pk)]})

    colleague = open_page(marketer)
    colleague.goto(page.url)
    expect_names(colleague, wanted)

    page.get_by_role("link", name="Remove filter: Channel").click()
    expect(page.locator(".chip")).to_have_count(1)
    expect_rows(page, 12)
    expect_query(page, {"label": [str(shop.repeat.pk)]})
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".chip")).to_have_count(0)
    expect_rows(page, 20)
    expect_query(page, {})


def test_sort_page_and_back(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    page.locator("#sort-value").click()
    expect(page.get_by_role("columnheader", name="Value")).to_have_attribute("aria-sort", "descending")
    by_value = sorted(shop.contacts, key=lambda c: -c.value)
    expect(row(page, by_value[0]).locator(".c-value")).to_have_text("฿4,350.00")
    first = [c.name for c in by_value[:20]]
    expect_names(page, first)
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**page=2*")
    expect(page.locator("tbody tr .name").first).not_to_have_text(first[0])
    expect_query(page, {"sort": ["-value"], "page": ["2"]})
    second = names(page)
    assert not set(first) & set(second)
    page.evaluate("history.back()")
    expect(page.locator("tbody tr .name").first).to_have_text(first[0])
    expect_names(page, first)
    expect_query(page, {"sort": ["-value"]})
    page.evaluate("history.forward()")
    expect(page.locator("tbody tr .name").first).to_have_text(second[0])
    page.evaluate("history.back()")
    expect(page.locator("tbody tr .name").first).to_have_text(first[0])
    page.evaluate("history.back()")
    expect(page.locator("tbody tr .name").first).to_have_text(shop.first.name)
    expect_query(page, {})


def test_search_as_you_type_swaps_the_table_alone(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    box = page.get_by_role("searchbox", name="Search contacts")
    page.evaluate("document.getElementById('list-q').kept = document.querySelector('.rail').kept = true")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    box.press_sequentially("customer 1", delay=20)
    expect_rows(page, 10)
    expect(box).to_be_focused()
    expect(box).to_have_value("customer 1")
    assert page.evaluate("document.activeElement.kept && document.querySelector('.rail').kept")
    box.press_sequentially("7")
    expect_rows(page, 1)
    expect_names(page, ["Customer 17"])
    expect_query(page, {"q": ["customer 17"]})
    box.fill("nobody is called this")
    expect_rows(page, 0)
    expect(box).to_be_focused()


def test_a_view_chosen_right_after_typing_is_the_one_shown(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")

    def slowly(route: Route) -> None:
        page.wait_for_timeout(600)  # longer than letters wait to be searched for
        route.continue_()

    page.route("**/contacts/?*user_type=vip*", slowly)
    page.get_by_role("searchbox", name="Search contacts").press_sequentially("zz")
    page.locator(".views a", has_text="VIP").click()
    expect(page.locator(".views a[aria-current]")).to_contain_text("VIP")
    expect(page.get_by_role("searchbox", name="Search contacts")).to_have_value("")


def test_the_report_has_the_rows_of_the_pages(marketer: User, shop: Shop, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(marketer)
    page.goto(f"/contacts/?channel={shop.page.pk}&sort=-value")
    shown = []
    while True:
        for line in page.locator("tbody tr[data-contact-id]").all():
            cells = [line.locator(css).inner_text() for css in (".name", ".c-phone", ".c-value")]
            shown.append([cell.replace("฿", "").replace(",", "").split("\n")[0].strip() for cell in cells])
        next_page = page.locator("#page-next")
        if not next_page.count():
            break
        before = page.url
        next_page.click()
        page.wait_for_function("before => location.href !== before", arg=before)
        expect(page.locator("tbody tr .name").first).not_to_have_text(shown[-20][0])
    page.get_by_role("link", name="Download Report").locator("visible=true").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    target = tmp_path / "report.csv"
    download.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    told = [
        [r["Customer Name"], r["Phone Number"] or "No phone", r["Value"] if r["Value"] != "0.00" else "No orders"]
        for r in rows
    ]
    assert told == shown


def test_without_javascript(agent: User, shop: Shop, open_page: OpenPage, problems: Problems) -> None:
    problems.expect("422")  # the form with its error
    page = open_page(agent, java_script_enabled=False)
    page.goto("/contacts/")
    expect_rows(page, 20)
    choose(page, "label", "Repeat buyer")
    expect_rows(page, 12)
    box = page.get_by_role("searchbox", name="Search contacts")
    box.fill("customer 0")
    box.press("Enter")
    expect_rows(page, 3)
    found = {"q": ["customer 0"], "label": [str(shop.repeat.pk)]}
    expect_query(page, found)
    page.locator("#sort-name").click()
    expect_query(page, {**found, "sort": ["name"]})
    expect_names(page, ["Customer 01", "Customer 05", "Customer 09"])
    row(page, shop.first).locator(".name").click()
    page.wait_for_url(f"**/contacts/{shop.first.pk}/")
    page.get_by_role("link", name="Edit Contact Information").click()
    page.get_by_label("Phone").fill("081234567")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This one has 9.")).to_be_visible()
    page.get_by_label("Phone").fill("0812345678")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".kv")).to_contain_text("081-234-5678")
    page.get_by_role("button", name="VIP").click()
    expect(page.get_by_role("button", name="VIP")).to_have_attribute("aria-pressed", "true")
    page.goto("/contacts/?per_page=100")
    expect_rows(page, SIZE)
    expect(row(page, shop.first).locator(".c-phone")).to_have_text("081-234-5678")


def test_the_sheet_never_scrolls_away(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    """Only the table scrolls: what closed menus hold gives the sheet no room to be moved by a focus."""
    page = open_page(marketer)
    page.set_viewport_size({"width": 1440, "height": 700})
    page.goto("/contacts/")
    expect_rows(page, 20)
    page.locator("main").evaluate("sheet => { sheet.scrollTop = 200 }")
    assert page.locator("main").evaluate("sheet => sheet.scrollTop") == 0
    assert page.evaluate("() => document.scrollingElement.scrollHeight - innerHeight") <= 0


@pytest.mark.parametrize(
    ("width", "height", "panel"), [(702, 900, False), (768, 1024, False), (1000, 700, False), (1280, 800, True)]
)
def test_between_phone_and_desk_names_and_search_have_room(
    agent: User, shop: Shop, open_page: OpenPage, width: int, height: int, panel: bool
) -> None:
    page = open_page(agent, viewport={"width": width, "height": height})
    page.goto("/contacts/")
    expect_rows(page, 20)
    if panel:
        open_drawer(page, shop.first)
    for selector, least in (("td.c-chan", 140), ("th.c-name .name", 60), ("th.c-name", 130), ("#list-q", 200)):
        box = page.locator(f"#list-area {selector}").first.bounding_box()
        assert box and box["width"] >= least, (selector, box)
    pane = page.locator("#list-area").bounding_box()
    filters = page.locator("#list-filters").bounding_box()
    assert pane and filters and filters["x"] + filters["width"] <= pane["x"] + pane["width"]


def test_enlarged_to_two_hundred_percent_everything_is_reached(owner: User, shop: Shop, open_page: OpenPage) -> None:
    """A window of 1440 by 900 has half of that then: the page scrolls, and the frame around it fits."""
    page = open_page(owner, viewport={"width": 720, "height": 450})
    page.goto("/contacts/")
    expect_rows(page, 20)
    page.locator("input[data-select]").first.check()
    for part in (page.locator("form.bulk"), page.locator(".rail-foot details.menu")):
        box = part.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 450
    page.get_by_role("link", name="Next page").scroll_into_view_if_needed()
    expect(page.get_by_role("link", name="Next page")).to_be_in_viewport()
