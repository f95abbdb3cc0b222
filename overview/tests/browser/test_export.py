"""Exports in the browser: the dialog, both formats, a file made behind, approval, the limit, no JavaScript; axe."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from contacts import export_tasks
from contacts.models import ExportJob, ExportPolicy
from contacts.services.export_run import export_run

from .conftest import OpenPage, Problems
from .shop import SIZE, Shop
from .test_axe import look


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def open_dialog(page: Page, query: str = "") -> Locator:
    page.goto(f"/contacts/{query}")
    page.get_by_role("link", name="Download Report").locator("visible=true").click()
    dialog = page.locator("#export-dialog")
    expect(dialog.get_by_role("heading", level=2)).to_be_focused()
    return dialog


def test_csv_with_the_columns_chosen(marketer: User, shop: Shop, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(marketer)
    dialog = open_dialog(page, f"?label={shop.repeat.pk}&sort=name")
    expect(dialog.get_by_role("heading", name="Export all 12 contacts")).to_be_visible()
    expect(dialog.get_by_text("Repeat buyer")).to_be_visible()
    dialog.get_by_role("checkbox", name="Email", exact=True).check()
    dialog.get_by_role("checkbox", name="Channel", exact=True).uncheck()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export CSV").click()
    target = tmp_path / "report.csv"
    download.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Customer Name"] for row in rows][:2] == ["Customer 01", "Customer 05"]
    assert len(rows) == 12
    assert "Email" in rows[0] and "Channel" not in rows[0]
    expect(dialog.get_by_role("heading", name="The download has started")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Download Report").locator("visible=true")).to_be_focused()
    dialog = open_dialog(page)
    expect(dialog.get_by_role("checkbox", name="Email", exact=True)).to_be_checked()
    expect(dialog.get_by_role("checkbox", name="Channel", exact=True)).not_to_be_checked()


def test_ticked_rows_and_all_that_match(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(marketer)
    page.goto(f"/contacts/?label={shop.repeat.pk}&sort=-name")
    page.locator("input[data-select]").nth(0).check()
    page.locator("input[data-select]").nth(2).check()
    export, dialog = page.locator("form.bulk").get_by_role("button", name="Export"), page.locator("#export-dialog")
    export.click()
    expect(dialog.get_by_role("heading", name="Export 2 selected contacts")).to_be_focused()
    dialog.get_by_role("button", name="Close").click()
    expect(export).to_be_focused()
    page.get_by_text("Select all 12").click()
    export.click()
    expect(dialog.get_by_role("heading", name="Export all 12 contacts")).to_be_focused()
    assert dialog.locator("input[name=sort]").input_value() == "-name"


def test_ticked_rows_without_javascript(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(marketer, java_script_enabled=False)
    page.goto("/contacts/")
    page.locator("input[data-select]").nth(0).check()
    page.locator("form.bulk").get_by_role("button", name="Export").click()
    expect(page.get_by_role("heading", name="Export 1 selected contact")).to_be_visible()


def test_excel_and_its_manifest(marketer: User, shop: Shop, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(marketer)
    dialog = open_dialog(page)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export Excel").click()
    target = tmp_path / "report.xlsx"
    download.value.save_as(target)
    assert openpyxl.load_workbook(target, read_only=True).worksheets[0].max_row == SIZE + 1
    expect(dialog.get_by_role("heading", name="The file is ready")).to_be_visible()
    dialog.get_by_role("link", name="Manifest").click()
    expect(page.locator("#export-sha")).to_have_text(ExportJob.objects.get().sha256)


def test_a_file_made_behind(
    marketer: User, shop: Shop, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(export_tasks, "AT_ONCE", 0)
    queued: list[int] = []
    monkeypatch.setattr(export_tasks, "enqueue", lambda task, export_id: queued.append(export_id))
    page = open_page(marketer)
    dialog = open_dialog(page)
    dialog.get_by_role("button", name="Export Excel").click()
    expect(dialog.get_by_role("progressbar", name="Preparing file")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    export_run(export_id=queued[0])
    expect(page.locator("#toasts")).to_contain_text("Your export is ready")
    page.get_by_role("link", name="Exports", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == ExportJob.objects.get().file_name


def test_a_file_made_behind_is_cancelled(
    marketer: User, shop: Shop, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_tasks, "AT_ONCE", 0)
    monkeypatch.setattr(export_tasks, "enqueue", lambda task, export_id: None)
    page = open_page(marketer)
    dialog = open_dialog(page)
    dialog.get_by_role("button", name="Export Excel").click()
    dialog.get_by_role("button", name="Cancel export").click()
    expect(dialog.get_by_role("status")).to_contain_text("Cancelled")
    assert ExportJob.objects.get().state == "cancelled"


def test_approval(owner: User, marketer: User, shop: Shop, open_page: OpenPage, problems: Problems) -> None:
    ExportPolicy.objects.create(approval_above=10)
    page = open_page(marketer)
    dialog = open_dialog(page)
    expect(dialog.get_by_text("An owner approves exports of more than 10 contacts")).to_be_visible()
    dialog.get_by_role("button", name="Ask for CSV").click()
    expect(dialog.get_by_role("status")).to_contain_text("Waiting for an owner")
    boss = open_page(owner)
    boss.goto("/contacts/")
    boss.get_by_role("link", name="Decide").click()
    boss.get_by_role("button", name="Approve").click()
    expect(boss.get_by_text("Ready", exact=True)).to_be_visible()
    expect(dialog.get_by_role("heading", name="The file is ready")).to_be_visible()


def test_the_limit_is_told_in_the_dialog(
    marketer: User, shop: Shop, open_page: OpenPage, settings: Any, problems: Problems
) -> None:
    problems.expect("429")
    settings.EXPORTS_PER_HOUR = 0
    page = open_page(marketer)
    dialog = open_dialog(page)
    dialog.get_by_role("button", name="Export CSV").click()
    expect(dialog.get_by_role("alert")).to_contain_text("You have taken all exports of this hour")


def test_without_javascript(marketer: User, shop: Shop, open_page: OpenPage) -> None:
    page = open_page(marketer, java_script_enabled=False)
    page.goto("/contacts/")
    with page.expect_download():
        page.get_by_role("link", name="Download Report").locator("visible=true").click()
    page.goto("/contacts/export/?q=customer")
    page.get_by_role("button", name="Export Excel").click()
    with page.expect_download():
        page.get_by_role("link", name="Download file").click()


def test_axe(owner: User, marketer: User, shop: Shop, open_page: OpenPage) -> None:
    ExportPolicy.objects.create(approval_above=1)
    page = open_page(marketer)
    dialog = open_dialog(page)
    found = look(page, "export dialog")
    dialog.get_by_role("button", name="Ask for Excel").click()
    expect(dialog.get_by_role("status")).to_be_visible()
    found += look(page, "waiting")
    boss = open_page(owner)
    dialog = open_dialog(boss)
    with boss.expect_download():
        dialog.get_by_role("button", name="Export CSV").click()
    for path in (
        "/contacts/export/",
        "/contacts/exports/",
        f"/contacts/exports/{ExportJob.objects.latest('pk').pk}/manifest/",
    ):
        boss.goto(path)
        found += look(boss, path)
    assert found == []


def test_what_fails_is_told_in_place(marketer: User, shop: Shop, open_page: OpenPage, problems: Problems) -> None:
    problems.expect("ERR_FAILED", "htmx:sendError")
    page = open_page(marketer)
    page.goto("/contacts/")
    page.route("**/contacts/export/**", lambda route: route.abort())
    page.get_by_role("link", name="Download Report").locator("visible=true").click()
    expect(page.locator("#main").get_by_role("alert")).to_contain_text("It did not work")
    page.unroute("**/contacts/export/**")
    dialog = open_dialog(page)
    page.route("**/contacts/export/start/", lambda route: route.abort())
    dialog.get_by_role("button", name="Export Excel").click()
    expect(dialog.get_by_role("alert")).to_contain_text("It did not work")
    page.unroute("**/contacts/export/start/")
    with page.expect_download():
        dialog.get_by_role("button", name="Export Excel").click()
    ExportPolicy(approval_above=0).save()
    open_dialog(page).get_by_role("button", name="Ask for CSV").click()
    expect(dialog).to_contain_text("Waiting for an owner")
    page.goto("/contacts/exports/")
    page.route("**/cancel/", lambda route: route.abort())
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#main").get_by_role("alert")).to_contain_text("It did not work")
