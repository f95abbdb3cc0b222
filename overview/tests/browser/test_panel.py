"""The customer panel in the browser: drawer, edits, labels, VIP, orders, two people at once, the inbox."""

from __future__ import annotations

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from contacts.models import Contact

from .conftest import OpenPage, Problems
from .pages import open_drawer, row
from .shop import Shop


def test_drawer_opens_from_the_name_and_closes_with_escape(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    page.evaluate("document.body.kept = true")
    third = shop.contacts[2]
    drawer = open_drawer(page, third)
    expect(drawer.get_by_role("heading", level=2)).to_be_focused()
    expect(row(page, third)).to_have_attribute("data-current", "")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(row(page, third).locator("a.who")).to_be_focused()
    assert page.evaluate("document.body.kept")

    drawer = open_drawer(page, third)
    drawer.get_by_role("button", name="Next customer").click()
    expect(drawer.get_by_role("heading", level=2)).to_have_text(shop.contacts[3].name)
    drawer.get_by_role("button", name="Close details").click()
    expect(drawer).to_be_hidden()
    expect(row(page, shop.contacts[3]).locator("a.who")).to_be_focused()


def test_a_panel_that_cannot_be_reached_leaves_the_list(
    agent: User, shop: Shop, open_page: OpenPage, problems: Problems
) -> None:
    problems.expect("ERR_FAILED")
    page = open_page(agent)
    page.goto("/contacts/?sort=name")
    page.route("**/panel/**", lambda route: route.abort())
    row(page, shop.first).locator("a.who").click()
    told = page.locator("#main").get_by_role("alert")
    expect(told).to_contain_text("Check your connection")
    assert page.url.endswith("/contacts/?sort=name")
    page.unroute("**/panel/**")
    open_drawer(page, shop.first)
    expect(told).to_have_count(0)


def test_phone_is_corrected_in_place_and_saved(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    drawer = open_drawer(page, shop.first)
    drawer.get_by_role("link", name="Edit Contact Information").click()
    phone = drawer.get_by_label("Phone")
    phone.fill("081-234-567")
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.locator(".err")).to_have_text("A Thai mobile number has 10 digits. This one has 9.")
    expect(phone).to_have_value("081-234-567")
    expect(phone).to_have_attribute("aria-invalid", "true")
    expect(phone).to_be_focused()
    phone.fill("๐๘๑ ๒๓๔ ๕๖๗๘")
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.locator(".kv")).to_contain_text("081-234-5678")
    expect(row(page, shop.first).locator(".c-phone")).to_have_text("081-234-5678")
    page.keyboard.press("Escape")
    expect(row(page, shop.first).locator("a.who")).to_be_focused()


def test_labels_and_vip_show_in_the_row(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    drawer = open_drawer(page, shop.contacts[1])
    line = row(page, shop.contacts[1])
    drawer.get_by_role("link", name="Manage Labels").click()
    drawer.get_by_label("COD").check()
    drawer.get_by_role("button", name="Save labels").click()
    expect(drawer.locator(".labels")).to_contain_text("COD")
    expect(line.locator(".c-label")).to_contain_text("COD")
    vip = drawer.get_by_role("button", name="VIP")
    vip.click()
    expect(vip).to_have_attribute("aria-pressed", "true")
    expect(line.locator(".c-type")).to_have_text("VIP")
    vip.click()
    expect(vip).to_have_attribute("aria-pressed", "false")
    expect(line.locator(".c-type")).to_have_text("User")


def test_an_order_changes_the_value(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/contacts/")
    buyer = shop.contacts[1]
    expect(row(page, buyer).locator(".c-value")).to_have_text("฿150.00")
    drawer = open_drawer(page, buyer)
    drawer.locator(".tabs").get_by_role("link", name="Orders").click()
    drawer.get_by_role("link", name="Add order").click()
    page.get_by_label("Order number").fill("SF-900")
    page.get_by_label("Status").select_option("paid")
    page.get_by_label("Item").first.fill("Glow set")
    page.get_by_label("Quantity").first.fill("2")
    page.get_by_label("Price each").first.fill("1,290")
    expect(page.get_by_label("Total")).to_have_attribute("placeholder", "2,580.00")
    page.get_by_role("button", name="Add order").click()
    page.wait_for_url(f"**/contacts/{buyer.pk}/?tab=orders")
    expect(page.locator(".cp .sum")).to_contain_text("฿2,730.00")
    expect(page.locator(".orders")).to_contain_text("SF-900")
    page.get_by_role("link", name="Back to contacts").click()
    expect(row(page, buyer).locator(".c-value")).to_have_text("฿2,730.00")


def test_focus_stays_in_the_panel_when_it_is_replaced(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto(f"/contacts/?label={shop.repeat.pk}")
    drawer = open_drawer(page, shop.first)
    tab = drawer.locator(".tabs").get_by_role("link", name="Activity")
    tab.focus()
    page.keyboard.press("Enter")
    expect(tab).to_have_attribute("aria-current", "true")
    expect(tab).to_be_focused()
    vip = drawer.get_by_role("button", name="VIP")
    vip.focus()
    page.keyboard.press("Enter")
    expect(vip).to_have_attribute("aria-pressed", "true")
    expect(vip).to_be_focused()
    expect(row(page, shop.first).locator(".c-type")).to_have_text("VIP")
    expect(vip).to_be_focused()

    drawer.get_by_role("link", name="Manage Labels").click()
    drawer.get_by_label("Repeat buyer").uncheck()
    drawer.get_by_role("button", name="Save labels").click()
    expect(row(page, shop.first)).to_have_count(0)
    expect(drawer.get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Contacts")).to_be_focused()


def edit_form(page: Page, contact: Contact) -> Page:
    page.goto(f"/contacts/{contact.pk}/?tab=edit")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    return page


def test_two_people_on_one_field(agent: User, marketer: User, shop: Shop, open_page: OpenPage) -> None:
    first, second = edit_form(open_page(agent), shop.first), edit_form(open_page(marketer), shop.first)
    first.get_by_label("Phone").fill("0811111111")
    second.get_by_label("Phone").fill("0822222222")
    first.get_by_role("button", name="Save").click()
    expect(first.locator(".kv")).to_contain_text("081-111-1111")
    second.get_by_role("button", name="Save").click()
    expect(second.locator(".err")).to_contain_text("agent changed this to “081-111-1111” at")
    expect(second.get_by_label("Phone")).to_have_value("0822222222")
    assert Contact.objects.get(pk=shop.first.pk).phone == "+66811111111"
    second.get_by_role("button", name="Save").click()
    expect(second.locator(".kv")).to_contain_text("082-222-2222")


def test_two_people_on_two_fields(agent: User, marketer: User, shop: Shop, open_page: OpenPage) -> None:
    first, second = edit_form(open_page(agent), shop.first), edit_form(open_page(marketer), shop.first)
    first.get_by_label("Phone").fill("0811111111")
    second.get_by_label("Address").fill("99 Sukhumvit")
    for page in (first, second):
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".kv")).to_contain_text("081-111-1111")
    expect(second.locator(".kv")).to_contain_text("99 Sukhumvit")


def test_inbox_with_the_panel_beside(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(agent)
    page.goto("/inbox/")
    page.evaluate("document.body.kept = true")
    page.locator(f'[data-chat="{shop.conversation.pk}"]').click()
    page.wait_for_url(f"**/inbox/{shop.conversation.pk}/")
    expect(page.locator("[data-msgs]")).to_contain_text("Is the Glow set in stock?")
    expect(page.locator("[data-msgs]")).to_contain_text("สวัสดีค่ะ มีของไหมคะ")
    panel = page.get_by_role("complementary", name="Customer details")
    expect(panel.get_by_role("heading", level=2)).to_have_text(shop.first.name)
    assert page.evaluate("document.body.kept")
    panel.get_by_role("link", name="Edit Contact Information").click()
    panel.get_by_label("Email").fill("someone@example.com")
    panel.get_by_role("button", name="Save").click()
    expect(panel.locator(".kv")).to_contain_text("someone@example.com")
    expect(page.locator(".cv .unread")).to_have_count(0)
    page.go_back()
    expect(page.locator(f'[data-chat="{shop.conversation.pk}"]')).to_be_visible()
