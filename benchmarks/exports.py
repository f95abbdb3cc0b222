"""Exported files: CSV and Excel of 100,000 rows, how long, how much memory, and whether others read them as they were.

Python's csv, openpyxl and, where it is installed, LibreOffice read the files back; a row or a name that differs is an
error. Run by `python -m benchmarks exports`.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import openpyxl
from django.db.models import QuerySet
from django.http import QueryDict

from contacts.exports.csv_file import write_csv
from contacts.exports.progress import Progress
from contacts.exports.xlsx_file import write_xlsx
from contacts.models import Contact
from contacts.report import KEYS
from contacts.selectors.listing import contact_listing

from .servers import Server
from .timing import seconds

ROWS = 100_000
WRITERS = {"csv": write_csv, "xlsx": write_xlsx}
# Comma, quotes, UTF-8, from the first line; see LibreOffice's "Filter Options for CSV".
CSV_FILTER = "44,34,76,1"
Names = list[str]


def measure() -> Iterator[str]:
    """Lines of the figures on the seeded database at hand."""
    queryset = contact_listing(QueryDict("")).queryset[:ROWS]
    with tempfile.TemporaryDirectory() as folder:
        paths = {form: Path(folder, f"report.{form}") for form in WRITERS}
        for form, path in paths.items():
            yield _write(form, path, queryset)
        names = _csv_names(paths["csv"])
        thai = sum(any("\u0e01" <= letter <= "\u0e5b" for letter in name) for name in names)
        yield f"csv read back by Python: {len(names):,} rows, {thai:,} Thai names"
        _same(_xlsx_names(paths["xlsx"]), names)
        yield f"xlsx read back by openpyxl: {len(names):,} rows, the same names"
        yield from _libreoffice(paths, names)


def _write(form: str, path: Path, queryset: QuerySet[Contact]) -> str:
    us = Server(0, os.getpid())
    progress = Progress()
    try:
        before = us.memory_mark()
    except OSError:
        before = -1
    took = seconds(lambda: WRITERS[form](path, queryset, list(KEYS), progress))
    memory = f", memory grows by {(us.memory_peak() - before) / 1e6:.1f} MB" if before >= 0 else ""
    return f"{form} of {progress.rows:,} rows: {took:.2f} s, {path.stat().st_size / 1e6:.1f} MB{memory}"


def _csv_names(path: Path) -> Names:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[0] for row in csv.reader(file)][1:]


def _xlsx_names(path: Path) -> Names:
    book = openpyxl.load_workbook(path, read_only=True)
    return [str(row[0]) for row in book.worksheets[0].iter_rows(max_col=1, values_only=True)][1:]


def _same(found: Names, wanted: Names) -> None:
    assert len(found) == len(wanted), f"{len(found)} rows in place of {len(wanted)}"
    differ = [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]]
    assert not differ, f"{len(differ)} names differ: {differ[:3]}"


def _convert(program: str, path: Path, wanted: str, options: list[str], target: Path) -> None:
    profile = f"-env:UserInstallation=file://{target}-profile"
    command = [program, profile, "--headless", *options, "--convert-to", wanted, "--outdir", str(target), str(path)]
    subprocess.run(command, check=True, capture_output=True)


def _libreoffice(paths: dict[str, Path], names: Names) -> Iterator[str]:
    program = shutil.which("soffice")
    if program is None:
        yield "LibreOffice: not installed here (apt-get install libreoffice-calc), not tried"
        return
    target = paths["csv"].parent / "converted"
    text = f"csv:Text - txt - csv (StarCalc):{CSV_FILTER}"
    for form, wanted, options in (("xlsx", text, []), ("csv", "xlsx", [f"--infilter=CSV:{CSV_FILTER}"])):
        took = seconds(partial(_convert, program, paths[form], wanted, options, target))
        made = target / f"report.{wanted.partition(':')[0]}"
        _same(_csv_names(made) if form == "xlsx" else _xlsx_names(made), names)
        yield f"LibreOffice opens the {form} ({took:.0f} s): {len(names):,} rows, the same names"
