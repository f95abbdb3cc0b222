"""Files in the making: progress, cancel, dead workers, one snapshot, cells of Excel."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from contacts.export_tasks import sweep_exports
from contacts.exports import files, watch
from contacts.exports.choice import ExportChoice
from contacts.exports.progress import Progress
from contacts.exports.xlsx_file import excel_time, write_xlsx
from contacts.models import Contact, ExportFormat, ExportJob, ExportState
from contacts.report import KEYS
from contacts.services import export_run as runs
from contacts.services.export import export_cancel, export_request
from contacts.services.export_run import export_run, exports_forgotten

from .factories import bangkok, make_channel, make_contact, make_label
from .pages import report_rows, streamed

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 20  # seconds


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def queued(user: User, form: ExportFormat = ExportFormat.CSV, query: str = "") -> ExportJob:
    return export_request(actor=user, choice=ExportChoice(QueryDict(query)), format=form)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Workers wait at their first piece; call it to let them go."""
    reached, go = threading.Event(), threading.Event()

    class Held(watch.Watch):
        def advance(self, rows: int) -> None:
            self.rows += rows
            reached.set()
            assert go.wait(WAIT)
            self.check()

    monkeypatch.setattr(runs, "Watch", Held)
    monkeypatch.setattr(watch, "BEAT", 0.02)

    def let_go() -> None:
        go.set()

    let_go.reached = reached  # type: ignore[attr-defined]
    yield let_go
    go.set()


def in_thread(export: ExportJob) -> threading.Thread:
    def work() -> None:
        try:
            export_run(export_id=export.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def until(condition: Callable[[], bool]) -> None:
    for _ in range(WAIT * 50):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("never came true")


def many(number: int) -> None:
    Contact.objects.bulk_create(Contact(name=f"{place:04} {'x' * 200}") for place in range(number))


def test_progress_and_cancel_of_a_running_job(marketer: User, marketer_client: Client, held: Any) -> None:
    many(1000)
    export = queued(marketer)
    worker = in_thread(export)
    assert held.reached.wait(WAIT)
    until(lambda: bool(ExportJob.objects.get().rows))
    page = marketer_client.get(f"/contacts/exports/{export.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "of 1,000" in page and 'hx-trigger="every 1s"' in page
    marketer_client.post(f"/contacts/exports/{export.pk}/cancel/")
    threading.Event().wait(0.2)  # some beats
    held()
    worker.join(WAIT)
    export.refresh_from_db()
    assert (export.state, export.stored_as, export.sha256) == ("cancelled", "", "")
    assert not files.stored()
    assert not list((files.folder() / files.INCOMING).iterdir())


def test_a_job_cancelled_before_its_turn_is_never_written(marketer: User) -> None:
    make_contact()
    export = queued(marketer)
    assert export_cancel(export_id=export.pk)
    export_run(export_id=export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempt) == ("cancelled", 0)


def test_a_stream_is_not_cancelled_it_ends_with_its_reader(marketer: User, marketer_client: Client) -> None:
    export = ExportJob.objects.create(actor=marketer, way="stream", state="running")
    marketer_client.post(f"/contacts/exports/{export.pk}/cancel/")
    export.refresh_from_db()
    assert export.state == "running"


def test_rows_written_meanwhile_do_not_shift(marketer: User, held: Any) -> None:
    many(1000)
    names = list(Contact.objects.order_by("sort_name", "pk").values_list("name", flat=True))
    export = queued(marketer, query="sort=name")
    worker = in_thread(export)
    assert held.reached.wait(WAIT)
    Contact.objects.filter(name__startswith="0").update(name="changed", sort_name="zzz")
    Contact.objects.filter(name__startswith="09").delete()
    Contact.objects.create(name="0000 newcomer")
    held()
    worker.join(WAIT)
    export.refresh_from_db()
    assert (export.state, export.rows) == ("done", 1000)
    lines = files.path_of(export.stored_as).read_text("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == names


def test_a_second_worker_does_nothing(marketer: User, held: Any) -> None:
    many(1000)
    export = queued(marketer)
    worker = in_thread(export)
    assert held.reached.wait(WAIT)
    export_run(export_id=export.pk)
    assert ExportJob.objects.get().attempt == 1
    held()
    worker.join(WAIT)
    assert ExportJob.objects.get().state == "done"
    export_run(export_id=export.pk)
    assert ExportJob.objects.get().attempt == 1


def test_a_worker_that_wakes_after_another_took_over_keeps_nothing(
    marketer: User, held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BEAT", 60.0)  # so that it has not heard of it when it ends
    many(1000)
    export = queued(marketer)
    worker = in_thread(export)
    assert held.reached.wait(WAIT)
    ExportJob.objects.update(attempt=2, rows=7)
    held()
    worker.join(WAIT)
    export.refresh_from_db()
    assert (export.state, export.rows, export.stored_as) == ("running", 7, "")
    assert not files.stored()


def test_a_dead_workers_job_begins_anew(marketer: User) -> None:
    make_contact("mint")
    export = queued(marketer)
    long_ago = timezone.now() - timedelta(minutes=5)
    ExportJob.objects.update(state="running", attempt=1, rows=1, touched_at=long_ago, started_at=long_ago)
    assert exports_forgotten() == [export.pk]
    export_run(export_id=export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempt, export.rows) == ("done", 2, 1)


# A worker whose first piece is on the disk, and which waits there to be killed.
HANGS = """
import sys, time, django
django.setup()
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"], settings.MEDIA_ROOT = sys.argv[1:3]
from contacts.exports.watch import Watch
from contacts.services.export_run import export_run
Watch.advance = lambda self, rows: (print("writing", flush=True), time.sleep(600))
export_run(export_id=int(sys.argv[3]))
"""


def test_a_killed_worker_leaves_no_half_file(marketer: User, marketer_client: Client, tmp_path: Path) -> None:
    many(1000)
    export = queued(marketer)
    command = [sys.executable, "-c", HANGS, connection.settings_dict["NAME"], str(tmp_path), str(export.pk)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=settings.BASE_DIR) as worker:
        try:
            assert worker.stdout and worker.stdout.readline() == b"writing\n"
        finally:
            worker.kill()
    assert len(list((files.folder() / files.INCOMING).iterdir())) == 1
    file = f"/contacts/exports/{export.pk}/file/"
    assert ExportJob.objects.get().state == "running"
    assert marketer_client.get(file).status_code == 404
    ExportJob.objects.update(touched_at=timezone.now() - runs.DEAD_AFTER)
    (lost,) = exports_forgotten()
    export_run(export_id=lost)
    export.refresh_from_db()
    assert (export.state, export.attempt, export.rows) == ("done", 2, 1000)
    body = streamed(marketer_client.get(file))
    assert hashlib.sha256(body).hexdigest() == export.sha256
    left = next((files.folder() / files.INCOMING).iterdir())
    for path in (*left.iterdir(), left):
        os.utime(path, (0, 0))
    sweep_exports()
    assert not list((files.folder() / files.INCOMING).iterdir())


def test_a_worker_taken_for_dead_leaves_the_file_of_the_other(marketer: User, held: Any) -> None:
    many(1000)
    export = queued(marketer)
    worker = in_thread(export)
    assert held.reached.wait(WAIT)
    ExportJob.objects.update(attempt=2)  # another one claimed it
    threading.Event().wait(0.1)
    held()
    worker.join(WAIT)
    export.refresh_from_db()
    assert (export.state, export.stored_as) == ("running", "")
    assert not files.stored()


def test_three_dead_workers_are_enough(marketer: User) -> None:
    make_contact()
    export = queued(marketer)
    ExportJob.objects.update(state="running", attempt=3, touched_at=timezone.now() - timedelta(minutes=5))
    export_run(export_id=export.pk)
    export.refresh_from_db()
    assert (export.state, export.problem) == ("failed", "interrupted")


def test_the_sweep_finds_what_was_never_queued(marketer: User) -> None:
    make_contact()
    export = queued(marketer)
    assert exports_forgotten() == []
    ExportJob.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert exports_forgotten() == [export.pk]
    sweep_exports()  # publishes it; nothing breaks


def test_a_disk_that_refuses_is_told(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_contact()
    export = queued(marketer, ExportFormat.XLSX)

    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setitem(runs.WRITERS, ExportFormat.XLSX, full)
    export_run(export_id=export.pk)
    export.refresh_from_db()
    assert (export.state, export.problem) == ("failed", "disk")
    assert not list((files.folder() / files.INCOMING).iterdir())


# Excel


def sheet_rows(path: Path, sheet: int = 0) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path, read_only=True)
    return list(book.worksheets[sheet].iter_rows(values_only=True))


def test_excel_cells(marketer: User) -> None:
    line = make_channel()
    make_contact(
        "ณัฐยา บุญมี", channels=[line], labels=[make_label("ลูกค้าประจำ")], phone="+66812345678", value=Decimal("12450.50"),
        order_count=3, email="n@example.com", address="99/1\nกรุงเทพฯ", latest_contact_at=bangkok("2026-11-22 14:05:09"),
    )  # fmt: skip
    export = queued(marketer, ExportFormat.XLSX)
    export_run(export_id=export.pk)
    export.refresh_from_db()
    assert export.stored_as.endswith(".xlsx")
    head, row = sheet_rows(files.path_of(export.stored_as))
    assert head == tuple(KEYS.values())
    told = dict(zip(KEYS, row, strict=True))
    assert told["customer_name"] == "ณัฐยา บุญมี"
    assert told["label"] == "ลูกค้าประจำ"
    assert told["phone_number"] == "081-234-5678"
    assert told["value"] == 12450.5
    assert told["orders"] == 3
    assert told["latest_contact"] == dt.datetime(2026, 11, 22, 14, 5, 9)
    assert told["first_contact"] is None
    assert told["address"] == "99/1\nกรุงเทพฯ"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1+1", '=HYPERLINK("http://x")', "{=1}", "http://x.co", "0812"])
def test_no_cell_of_excel_is_a_formula_a_link_or_a_number(marketer: User, tmp_path: Path, text: str) -> None:
    make_contact(text, email="=a@b.co", address=text)
    path = tmp_path / "r.xlsx"
    write_xlsx(path, ExportChoice(QueryDict("")).queryset, ["customer_name", "email", "address"], Progress())
    cells = list(openpyxl.load_workbook(path).worksheets[0].iter_rows())[1]
    for cell in cells:
        assert cell.data_type in ("s", "inlineStr")
        assert cell.number_format == "@"
        assert cell.hyperlink is None
    assert str(cells[0].value).removeprefix("'") == text


def test_excel_has_the_cells_of_the_csv(marketer: User, marketer_client: Client, tmp_path: Path) -> None:
    for name in ("plain", "=1", "a\r\nb", "tab\there", "x" * 200, "\u200b=1", "_x0041_", "<b>&amp;</b>", " lead"):
        make_contact(name, channels=[make_channel()])
    path = tmp_path / "r.xlsx"
    keys = ["customer_name", "channel", "user_type"]
    write_xlsx(path, ExportChoice(QueryDict("sort=name")).queryset, keys, Progress())
    wanted = [[row[KEYS[key]] for key in keys] for row in report_rows(marketer_client, "sort=name")]
    # XML has no way to keep a carriage return but Excel's escape, which openpyxl leaves as it is.
    found = [[str(cell).replace("_x000D_", "\r") for cell in row] for row in sheet_rows(path)[1:]]
    assert [[cell.replace("_x005F_x0041_", "_x0041_") for cell in row] for row in found] == wanted


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(marketer: User, tmp_path: Path) -> None:
    for place in range(7):
        make_contact(f"c{place}")
    path = tmp_path / "r.xlsx"
    progress = Progress()
    write_xlsx(path, ExportChoice(QueryDict("sort=name")).queryset, ["customer_name"], progress, sheet_rows=3)
    sheets = [[row[0] for row in sheet_rows(path, sheet)] for sheet in range(3)]
    assert sheets == [["Customer Name", "c0", "c1", "c2"], ["Customer Name", "c3", "c4", "c5"], ["Customer Name", "c6"]]
    assert progress.rows == 7


def test_a_cell_longer_than_excel_holds_is_cut_and_told(marketer: User) -> None:
    make_contact(address="ก" * 40_000)
    export = queued(marketer, ExportFormat.XLSX)
    export_run(export_id=export.pk)
    export.refresh_from_db()
    assert (export.state, export.problem) == (ExportState.DONE, "shortened")


@pytest.mark.parametrize(
    ("text", "serial"),
    [("1900-03-01 00:00:00", 61.0), ("2026-11-22 12:00:00", 46348.5), ("1900-02-28 10:00:00", None),
     ("0001-01-01 00:00:00", None), ("12026-01-01 00:00:00", None)],
)  # fmt: skip
def test_times_as_excel_counts_them(text: str, serial: float | None) -> None:
    assert excel_time(text) == serial
