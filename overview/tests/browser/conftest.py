"""A real browser on a live server: one Chromium for all tests, a fresh context for each, no console error let pass."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from .shop import Shop, make_shop

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
WAIT = 10_000

OpenPage = Callable[..., Page]


class Problems(list[str]):
    """What the browsers complained of. A page answered with an error on purpose is told by `expect`."""

    def __init__(self) -> None:
        super().__init__()
        # A request that a newer one takes the place of; one that fails complains in other words too.
        self.expected: tuple[str, ...] = ("htmx:sendAbort", "htmx:afterRequest, ")

    def expect(self, *parts: str) -> None:
        """Complaints with one of these parts are meant."""
        self.expected += parts

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.append(f"{message.location.get('url', '')}: {message.text}")

    def unexpected(self) -> list[str]:
        return [text for text in self if not any(part in text for part in self.expected)]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        stop = pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip
        stop("no Chromium here (apt-get install chromium)")
    # Playwright's loop makes Django take the tests' own queries for asynchronous ones.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest.fixture
def open_page(chromium: Browser, live_server: Any, problems: Problems) -> Iterator[OpenPage]:
    """`open_page(user)`: a browser of their own for somebody, signed in; without a user, signed out."""
    contexts: list[BrowserContext] = []

    def opened(user: User | None = None, **options: Any) -> Page:
        context = chromium.new_context(
            **{
                "base_url": live_server.url,
                "viewport": {"width": 1440, "height": 900},
                "locale": "en-US",
                "timezone_id": "Asia/Bangkok",
                "reduced_motion": "reduce",
                **options,
            }
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        context.on("page", problems.watch)
        if user is not None:
            client = Client()
            client.force_login(user, "django.contrib.auth.backends.ModelBackend")
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert problems.unexpected() == []


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return make_shop()
