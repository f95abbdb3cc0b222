"""What the browser adds to the server's time: from the click on a heading to the swapped table, in Chromium."""

from __future__ import annotations

import os
import secrets
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection

from contacts.models import Contact
from saifa_crm.stack.folders import BASE

from .servers import PRODUCT, web

CONTACTS = 1_000
RUNS = 12
WANTED = 200  # ms beyond the server's time
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# From the click to the frame after the new rows are there; the server's time is that of the list's request alone.
CLICK = """(() => new Promise((done) => {
  performance.clearResourceTimings();
  const start = performance.now();
  document.addEventListener("htmx:afterSettle", () => requestAnimationFrame(() => setTimeout(() => {
    const end = performance.now();
    const asked = performance.getEntriesByType("resource").filter((entry) => entry.initiatorType === "xmlhttprequest");
    const request = asked[asked.length - 1];
    done([end - start, request.responseEnd - request.requestStart, request.encodedBodySize]);
  })), { once: true });
  document.getElementById("sort-value").click();
}))()"""


def seed() -> None:
    """Contacts with a channel and two labels each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_channel (platform, external_id, name, scope)
            SELECT 'facebook', 'bench' || n, 'Page ' || n, 'bench' || n FROM generate_series(1, 5) n;
            INSERT INTO labels_label (name, name_key) SELECT 'Label ' || n, 'label ' || n FROM generate_series(1, 9) n;
            INSERT INTO contacts_contact (name, sort_name, search_text, phone, phone_display, latest_contact_at,
                                          label_ids, channel_ids, platforms)
            SELECT 'Customer ' || n, 'customer ' || n, 'customer ' || n, '+6681' || lpad(n::text, 7, '0'),
                   '081-' || lpad(n::text, 7, '0'), now() - n * interval '1 minute',
                   ARRAY(SELECT id FROM labels_label ORDER BY id OFFSET n %% 8 LIMIT 2),
                   ARRAY(SELECT id FROM contacts_channel ORDER BY id OFFSET n %% 5 LIMIT 1), ARRAY['facebook']
            FROM generate_series(1, %s) n
            """,
            [CONTACTS],
        )
        cursor.execute("ANALYZE contacts_contact")


def _account() -> str:
    """The password of a new Owner, made before Playwright's loop runs: Django asks no database inside one."""
    password = secrets.token_urlsafe(16)
    user = User.objects.create_user("bench", password=password)
    user.groups.add(Group.objects.get_or_create(name="Owner")[0])
    connection.close()
    return password


def _sign_in(page: Any, address: str, password: str) -> None:
    """As a person does it: the server has another secret key than we."""
    page.goto(f"{address}/login/")
    page.fill("[name=username]", "bench")
    page.fill("[name=password]", password)
    page.click("form[action='/login/'] [type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)


def _clicks(page: Any, address: str) -> list[tuple[float, float, float]]:
    page.goto(address)
    page.evaluate(CLICK)  # the first one warms the server's plans and the browser's code
    return [tuple(page.evaluate(CLICK)) for _ in range(RUNS)]


def measure() -> Iterator[str]:
    """A line a page size; without Chromium one that says so."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        yield "render: no Chromium here (apt-get install chromium)"
        return
    from playwright.sync_api import sync_playwright

    Contact.objects.all().delete()
    seed()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_contact SET value = id % 997, order_count = 1")
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
        cwd=BASE, check=True, env={**os.environ, "DEBUG": "0", "SECRET_KEY": "static-files-only-" * 4,
                                   "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS)},
    )  # fmt: skip
    password = _account()
    with web(PRODUCT) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        address = f"http://127.0.0.1:{port}"
        _sign_in(context.new_page(), address, password)
        for rows in (20, 50, 100):
            clicks = _clicks(context.new_page(), f"{address}/contacts/?per_page={rows}")
            beyond = statistics.median(whole - server for whole, server, _ in clicks)
            server = statistics.median(server for _, server, _ in clicks)
            yield (
                f"click to swapped table, {rows} rows: {beyond:,.0f} ms beyond the server's {server:,.0f} ms · "
                f"{clicks[-1][2] / 1024:,.1f} KB compressed · wanted under {WANTED} ms"
            )
        browser.close()
