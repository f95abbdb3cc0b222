"""Views of the list in the browser: save, change, reorder, delete, counts, phone, life without JavaScript; axe."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from contacts.models import Segment
from contacts.services.segments import segment_create
from saifa_crm.tests.caches import forget_all

from .conftest import OpenPage, Problems
from .pages import choose, expect_rows, open_drawer
from .shop import SIZE, Shop
from .test_axe import look


@pytest.fixture(autouse=True)
def _no_counts_kept() -> None:
    forget_all()


def _current(page: Page, name: str) -> None:
    expect(page.locator(".views [aria-current=page]")).to_contain_text(name)


def _count(page: Page, key: object, number: int) -> None:
    expect(page.locator(f"#view-count-{key}")).to_have_text(str(number))


def test_save_change_and_delete_a_view(marketer: User, agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(marketer)
    page.goto("/contacts/")
    _current(page, "All")
    _count(page, "all", SIZE)
    _count(page, "vip", 0)
    expect(page.get_by_role("link", name="Save view")).to_have_count(0)
    choose(page, "label", "Repeat buyer")
    save = page.get_by_role("link", name="Save view")
    save.click()
    dialog = page.get_by_role("dialog", name="Save view")
    expect(dialog.get_by_label("Name")).to_be_focused()
    expect(dialog.locator(".words")).to_contain_text("Repeat buyer")
    dialog.get_by_label("Everyone in the shop").check()
    dialog.get_by_role("button", name="Save view").click()
    expect(dialog.locator(".err")).to_contain_text("Give the view a name")
    expect(dialog.get_by_label("Everyone in the shop")).to_be_checked()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(save).to_be_focused()
    save.click()
    dialog.get_by_label("Name").fill("ลูกค้าประจำ")
    dialog.get_by_label("Everyone in the shop").check()
    page.keyboard.press("Enter")
    _current(page, "ลูกค้าประจำ")
    expect_rows(page, 12)
    segment = Segment.objects.get()
    _count(page, segment.pk, 12)

    choose(page, "channel", "LINE Saifa Shop")
    expect(page.locator(".views [aria-current]")).to_contain_text("edited")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".views .edited")).to_have_count(0)
    _count(page, segment.pk, 4)
    page.get_by_role("link", name="All 45").click()
    expect_rows(page, 20)
    _current(page, "All")
    page.go_back()
    _current(page, "ลูกค้าประจำ")

    colleague = open_page(agent)
    colleague.goto("/contacts/")
    _count(colleague, segment.pk, 4)
    colleague.get_by_role("link", name="ลูกค้าประจำ").click()
    expect_rows(colleague, 4)
    expect(colleague.get_by_role("link", name="Save")).to_have_count(0)

    page.get_by_role("link", name="All views").click()
    page.get_by_role("link", name="Delete ลูกค้าประจำ").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete view").click()
    expect(page.locator(".notices")).to_contain_text("deleted")
    assert not Segment.objects.exists()


def test_counts_follow_a_change_and_move_nothing(owner: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(owner)
    page.goto("/contacts/")
    _count(page, "vip", 0)
    before = page.locator("#view-no-phone").bounding_box()
    drawer = open_drawer(page, shop.first)
    drawer.locator(".vip-toggle").click()
    _count(page, "vip", 1)
    assert page.locator("#view-no-phone").bounding_box() == before


def test_reordering_by_keyboard(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    a, b = (segment_create(owner=marketer, name=name, query=f"q={name}", shared=False) for name in "ab")
    page = open_page(marketer)
    page.goto("/contacts/segments/")
    button = page.get_by_role("button", name="Move b to the left")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".segment-list").first.locator("li > div > .link")).to_have_text(["b", "a"])
    expect(page.locator(f"#left-{b.pk}")).to_be_focused()
    expect(page.locator(f"#left-{b.pk}")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("link", name="Edit a").click()
    page.get_by_role("dialog").get_by_label("Name").fill("z")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator(f"#segment-{a.pk}")).to_contain_text("z")


def test_the_open_view_is_in_sight_on_a_phone(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    them = [segment_create(owner=marketer, name=f"View {n}", query=f"q={n}", shared=False) for n in range(7)]
    page = open_page(marketer, viewport={"width": 390, "height": 844})
    page.goto(f"/contacts/?{them[-1].query}&segment={them[-1].pk}")
    tab = page.locator(f"#view-{them[-1].pk}")
    expect(tab).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator(f"#view-{them[-2].pk}").click()
    _current(page, "View 5")
    expect(page.locator(f"#view-{them[-2].pk}")).to_be_in_viewport(ratio=0.9)


def test_without_javascript(marketer: User, shop: Shop, open_page: OpenPage, problems: Problems) -> None:
    problems.expect("422")
    page = open_page(marketer, java_script_enabled=False)
    page.goto(f"/contacts/?label={shop.repeat.pk}")
    page.get_by_role("link", name="Save view").click()
    page.get_by_role("button", name="Save view").click()
    expect(page.locator(".err")).to_contain_text("Give the view a name")
    page.get_by_label("Name").fill("Repeat")
    page.get_by_role("button", name="Save view").click()
    _current(page, "Repeat")
    page.get_by_role("link", name="All views").click()
    page.get_by_role("link", name="Delete Repeat").click()
    page.get_by_role("button", name="Delete view").click()
    expect(page.locator(".notices")).to_contain_text("deleted")


def test_axe(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    segment = segment_create(owner=marketer, name="Repeat", query=f"label={shop.repeat.pk}", shared=True)
    page = open_page(marketer)
    page.goto(f"/contacts/?has_phone=no&segment={segment.pk}")
    _count(page, "vip", 0)
    found = look(page, "edited view")
    page.get_by_role("link", name="Save as new").click()
    expect(page.get_by_role("dialog", name="Save view")).to_be_visible()
    found += look(page, "dialog")
    for path in ("", f"{segment.pk}/edit/", f"{segment.pk}/delete/", "new/?user_type=vip"):
        page.goto(f"/contacts/segments/{path}")
        found += look(page, path or "all views")
    assert found == []


def test_what_fails_is_told_and_what_was_typed_stays(
    marketer: User, owner: User, shop: Shop, open_page: OpenPage, problems: Problems
) -> None:
    problems.expect("ERR_FAILED", "htmx:sendError", "404")
    segment = segment_create(owner=marketer, name="Paid", query="has_phone=yes", shared=True)
    page = open_page(owner)
    page.goto("/contacts/?has_email=yes")
    page.route("**/segments/new/**", lambda route: route.abort())
    page.get_by_role("link", name="Save view").click()
    expect(page.locator("#main").get_by_role("alert")).to_contain_text("It did not work")
    page.unroute("**/segments/new/**")
    page.get_by_role("link", name="Save view").click()
    dialog = page.get_by_role("dialog", name="Save view")
    dialog.get_by_label("Name").fill("Reachable")
    page.route("**/segments/new/", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("It did not work")
    assert look(page, "a view that was not saved") == []
    page.unroute("**/segments/new/")
    page.keyboard.press("Enter")
    _current(page, "Reachable")
    # Its owner keeps it to themselves while somebody else edits it, or moves it.
    page.goto("/contacts/segments/")
    page.locator(f"#edit-{segment.pk}").click()
    expect(page.get_by_role("dialog", name="Edit view")).to_be_visible()
    Segment.objects.filter(pk=segment.pk).update(shared=False)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("something has changed")
    page.keyboard.press("Escape")
    page.locator(f"#edit-{segment.pk}").click()
    expect(page.locator("#main").get_by_role("alert")).to_contain_text("something has changed")
