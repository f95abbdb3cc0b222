"""Imports between apps go one way only (DESIGN section 1), read from the source, wherever in a file they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("labels", "contacts", "orders", "inbox", "channels_ingest", "overview")
MAY_IMPORT: dict[str, frozenset[str]] = {
    "saifa_crm": frozenset(),
    "labels": frozenset(),
    "contacts": frozenset({"labels"}),
    "orders": frozenset({"contacts"}),
    "inbox": frozenset({"contacts"}),
    "channels_ingest": frozenset({"inbox", "contacts"}),
    "overview": frozenset({"labels", "contacts", "orders", "inbox", "channels_ingest"}),
}
# What apps may use of the project; `saifa_crm.middleware` and `saifa_crm.env` are for the top only.
PROJECT = ("saifa_crm.lib", "saifa_crm.access")
PLATFORMS_NEVER = (
    "django.db",
    "django.http",
    "django.contrib",
    "contacts",
    "inbox",
    "labels",
    "orders",
    "overview",
)


def sources(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "tests" not in path.parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module a file imports, relative ones resolved."""
    here = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join((*here[: len(here) - node.level], *([base] if base else [])))
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def under(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_apps_import_downwards_only(app: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(app)
        for line, name in imports(path)
        if (top := name.partition(".")[0]) in APPS and top != app and top not in MAY_IMPORT[app]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("app", [app for app in APPS if app != "overview"])
def test_apps_use_lib_and_access_of_the_project(app: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(app)
        for line, name in imports(path)
        if under(name, "saifa_crm") and not any(under(name, allowed) for allowed in PROJECT)
    ]
    assert not wrong, "\n".join(wrong)


def test_lib_knows_no_app_and_nothing_else_of_the_project() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources("saifa_crm/lib")
        for line, name in imports(path)
        if name.partition(".")[0] in APPS or (under(name, "saifa_crm") and not under(name, "saifa_crm.lib"))
    ]
    assert not wrong, "\n".join(wrong)


def test_platform_adapters_touch_neither_database_nor_responses() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources("channels_ingest/platforms")
        for line, name in imports(path)
        if any(under(name, never) for never in PLATFORMS_NEVER) or under(name, "channels_ingest.models")
    ]
    assert not wrong, "\n".join(wrong)


def test_every_app_is_in_the_map() -> None:
    found = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert found == set(APPS)


def test_the_reader_sees_imports_inside_functions_and_relative_ones(tmp_path: Path, monkeypatch) -> None:
    package = tmp_path / "contacts" / "services"
    package.mkdir(parents=True)
    file = package / "edit.py"
    file.write_text("from ..models import Contact\ndef f():\n    from inbox.models import Message\n    import orders\n")
    monkeypatch.setattr("saifa_crm.tests.test_architecture.ROOT", tmp_path)
    assert {name for _, name in imports(file)} == {
        "contacts.models.Contact",
        "inbox.models.Message",
        "orders",
    }


def _needed(*names: str) -> set[str]:
    """These distributions and what they need, by normalised name; no extras, which mostly are for their own tests."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        found.add(name)
        with suppress(PackageNotFoundError):  # of another platform
            waiting += [re.split(r"[^\w.-]", one)[0] for one in requires(name) or [] if "extra ==" not in one]
    return found


def _at_run_time(path: Path) -> Iterator[str]:
    """Modules that a file imports when it runs, not only for types."""
    tree = ast.parse(path.read_text())
    for_types = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    left_out = {id(inner) for node in for_types for statement in node.body for inner in ast.walk(statement)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and id(node) not in left_out:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and id(node) not in left_out:
            yield node.module or ""


def test_the_product_runs_on_its_own_requirements() -> None:
    """`make run` installs requirements.txt alone; tests have more, and would not notice."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    ours = _needed(*(re.split(r"[^\w.-]", line)[0] for line in lines if line and not line.startswith("#")))
    providers = packages_distributions()
    for package in ("saifa_crm", *APPS):
        for path in sources(package):
            for module in _at_run_time(path):
                provided_by = {re.sub(r"[-_.]+", "-", name).lower() for name in providers.get(module.split(".")[0], [])}
                assert not provided_by or provided_by & ours, f"{path}: {module}"
