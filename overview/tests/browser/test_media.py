"""Attachments in the browser: pictures load and open, a voice message plays on while the chat refreshes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from channels_ingest.sandbox.content import content
from inbox.models import Kind, MediaFile
from inbox.tests.factories import make_message
from inbox.tests.media import stored

from .conftest import OpenPage
from .shop import Shop


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def sent(shop: Shop, kind: str, name: str) -> MediaFile:
    message = make_message(shop.conversation, "", kind=Kind(kind), attachments=[{"kind": kind, "platform_ref": "1"}])
    return stored(message, content(name)[0])


def test_pictures_load_and_open_in_a_tab_of_their_own(agent: User, shop: Shop, open_page: OpenPage) -> None:
    row = sent(shop, "image", "slip")
    page = open_page(agent)
    page.goto(f"/inbox/{shop.conversation.pk}/")
    picture = page.locator(".msgs .pic img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => [image.naturalHeight, image.clientWidth, image.clientHeight]") == [480, 200, 300]
    with page.context.expect_page() as opened:
        page.locator(".msgs .pic").click()
    opened.value.wait_for_load_state()
    assert opened.value.url.endswith(f"/inbox/media/{row.pk}/")
    assert opened.value.evaluate("document.images[0].naturalHeight") == 810


def test_a_voice_message_plays_on_while_another_arrives(agent: User, shop: Shop, open_page: OpenPage) -> None:
    sent(shop, "audio", "voice")
    page = open_page(agent)
    page.goto(f"/inbox/{shop.conversation.pk}/")
    audio = page.locator(".msgs audio")
    audio.evaluate("async player => { window.playing = player; player.muted = true; await player.play(); }")
    make_message(shop.conversation, "one more thing")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('inbox:changed'))")
    expect(page.locator(".msgs")).to_contain_text("one more thing")
    assert audio.evaluate("player => player === window.playing && (!player.paused || player.ended)")
    assert page.locator(".msgs .m").count() == shop.conversation.messages.count()
