"""axe finds nothing on any page: light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, ViewportSize, expect

from .conftest import OpenPage
from .pages import open_drawer
from .shop import Shop

DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
EVERY_RULE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS_ALONE = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
THEMES: tuple[tuple[Literal["light", "dark"], dict[str, Any]], ...] = (("light", EVERY_RULE), ("dark", COLOURS_ALONE))


def look(page: Page, title: str) -> list[str]:
    """What axe says of the page as it is now, in both themes and both widths."""
    found = []
    for width, viewport in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(viewport)
        for theme, options in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            for violation in Axe().run(page, options=options).response["violations"]:
                where = [f"{node['target']} {node['html'][:160]} {_why(node)}" for node in violation["nodes"][:3]]
                found.append(f"{title}, {width}, {theme}: {violation['id']} ({violation['help']}) {where}")
    page.set_viewport_size(DESK)
    return found


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))[:200]


def visit(page: Page, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        answer = page.goto(path)
        assert answer and answer.status == 200, path
        found += look(page, path)
    return found


def contact_pages(shop: Shop) -> list[str]:
    pk = shop.contacts[0].pk
    tabs = [f"/contacts/{pk}/?tab={tab}" for tab in ("edit", "labels", "activity")]
    return [*tabs, f"/contacts/{shop.contacts[1].pk}/?tab=orders", f"/orders/contact/{pk}/add/"]


def inbox_pages(shop: Shop) -> list[str]:
    return ["/inbox/", f"/inbox/{shop.conversation.pk}/", f"/contacts/{shop.first.pk}/?tab=chat"]


def owner_pages(shop: Shop) -> list[str]:
    connect = [f"/channels/connect/{platform}/" for platform in ("line", "facebook", "instagram")]
    return ["/labels/", "/channels/", *connect, "/team/", "/team/add/", "/account/"]


@pytest.mark.parametrize("paths", [contact_pages, inbox_pages, owner_pages])
def test_pages(owner: User, shop: Shop, open_page: OpenPage, paths: Callable[[Shop], list[str]]) -> None:
    assert visit(open_page(owner), paths(shop)) == []


def test_list_and_drawer(owner: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(owner)
    found = visit(page, [f"/contacts/?label={shop.repeat.pk}", "/contacts/?q=nobody", "/contacts/"])
    drawer = open_drawer(page, shop.first)
    found += look(page, "drawer")
    drawer.get_by_role("link", name="Edit Contact Information").click()
    drawer.get_by_label("Phone").fill("081")
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.locator(".err")).to_be_visible()
    assert found + look(page, "drawer with an error") == []


def test_sign_in(db: None, open_page: OpenPage) -> None:
    assert visit(open_page(), ["/login/"]) == []
