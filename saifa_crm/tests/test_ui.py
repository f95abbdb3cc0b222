"""Tags and filters of the interface, rendered as templates use them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import timezone, translation

from saifa_crm.lib import dates
from saifa_crm.templatetags.ui import PLATFORMS, TINTS


def render(source: str, **context: Any) -> str:
    with translation.override("en"):
        return engines["django"].from_string(source).render(context)


def test_icon_is_decorative_and_points_into_the_sprite() -> None:
    html = render('{% icon "search" "14" %}')
    assert 'class="i i-14"' in html
    assert 'aria-hidden="true"' in html
    assert re.search(r'href="/static/icons[^"]*\.svg#i-search"', html)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_platform_icon_says_its_name(platform: str) -> None:
    html = render("{% platform_icon platform %}", platform=platform)
    assert f'role="img" aria-label="{PLATFORMS[platform][1]}"' in html


def test_avatar_letter_keeps_its_tint() -> None:
    html = render("{% avatar name %}", name="แม่น้องใบข้าว")
    assert ">ม</span>" in html
    assert re.search(r'data-h="(\w+)"', html).group(1) in TINTS  # type: ignore[union-attr]
    assert html == render("{% avatar name %}", name="แม่น้องใบข้าว")


def test_avatar_picture_is_escaped() -> None:
    html = render("{% avatar name url '40' %}", name="A", url='/p/1.webp?"><script>')
    assert "<script>" not in html
    assert 'class="av av-40"' in html
    assert 'alt=""' in html


def test_tint_of_an_odd_name_does_not_fail() -> None:
    assert "?" in render("{% avatar name %}", name="\ud800")


def test_money_and_phone() -> None:
    assert render("{{ a|baht }} {{ b|phone }}", a=Decimal("12450"), b="+66812345678") == "฿12,450.00 081-234-5678"
    assert render("{{ a|baht }}{{ b|phone }}", a=None, b="") == ""


def test_when_has_the_exact_time_in_its_title() -> None:
    moment = timezone.now() - dt.timedelta(minutes=5, seconds=1)
    html = render("{{ m|when }}", m=moment)
    assert html.endswith(">5 min ago</time>")
    with translation.override("en"):
        assert f'title="{dates.format_exact(moment)}"' in html
    assert '+07:00"' in html
    assert render("{{ m|when }}", m=None) == ""


def test_dash_is_seen_and_spoken() -> None:
    html = render('{{ ""|dash:"No phone" }}')
    assert '<span aria-hidden="true">–</span>' in html
    assert "No phone" in html
    assert render('{{ v|dash:"x" }}', v="<b>") == "&lt;b&gt;"
    assert render('{{ 0|dash:"x" }}') == "0"


def test_query_changes_and_removes() -> None:
    request = RequestFactory().get("/contacts/?q=a%26b&label=1&label=2&page=3")
    html = render("{% query page=4 q=None %}", request=request)
    assert html == "?label=1&amp;label=2&amp;page=4"
