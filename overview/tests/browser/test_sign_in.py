"""Signing in, and being thrown out."""

from __future__ import annotations

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from contacts.models import Contact

from .conftest import OpenPage
from .pages import row
from .shop import Shop

PASSWORD = "correct horse battery"


def sign_in(page: Page, password: str) -> None:
    page.get_by_label("User name or email").fill("agent")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_wrong_then_right_password(agent: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/contacts/?sort=-value")
    expect(page.get_by_role("heading", name="Sign in to your shop")).to_be_visible()
    sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("User name or email")).to_have_value("agent")
    sign_in(page, PASSWORD)
    page.wait_for_url("**/contacts/?sort=-value")
    expect(page.get_by_role("heading", level=1, name="Contacts")).to_be_visible()


def test_the_next_click_of_a_deactivated_person_leads_to_sign_in(
    owner: User, agent: User, shop: Shop, open_page: OpenPage
) -> None:
    by_htmx, plain, drawer, boss = open_page(agent), open_page(agent), open_page(agent), open_page(owner)
    for page in (by_htmx, plain, drawer):
        page.goto("/contacts/")
        expect(row(page, shop.first)).to_be_visible()
    boss.goto(f"/team/{agent.pk}/")
    boss.get_by_text("Deactivate…").click()
    boss.get_by_role("button", name="Deactivate", exact=True).click()
    expect(boss.get_by_role("button", name="Reactivate")).to_be_visible()

    by_htmx.locator("#sort-value").click()
    plain.get_by_role("link", name="Inbox").click()
    row(drawer, shop.first).locator(".name").click()
    for page in (by_htmx, plain, drawer):
        page.wait_for_url("**/login/**")
        expect(page.get_by_role("heading", name="Sign in to your shop")).to_be_visible()
        expect(page.get_by_text(shop.first.name)).to_have_count(0)
    sign_in(plain, PASSWORD)
    expect(plain.get_by_role("alert")).to_be_visible()


def test_a_deactivated_person_can_save_nothing_from_an_open_form(
    owner: User, agent: User, shop: Shop, open_page: OpenPage
) -> None:
    page = open_page(agent)
    page.goto(f"/contacts/{shop.first.pk}/?tab=edit")
    page.get_by_label("Address").fill("1 Silom")
    User.objects.filter(pk=agent.pk).update(is_active=False)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/login/**")
    assert Contact.objects.get(pk=shop.first.pk).address == ""
