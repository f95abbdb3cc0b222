"""Starts the product's web server, or the floor's, on the scratch database: same gunicorn, same settings."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from saifa_crm.stack.address import free_port
from saifa_crm.stack.folders import BASE
from saifa_crm.stack.process import dies_with_parent, end_group, wait_until
from saifa_crm.stack.supervisor import web_command

PRODUCT = "saifa_crm.wsgi:application"
FLOOR = "benchmarks.floor_app:application"


def scratch_url() -> str:
    """DATABASE_URL with the scratch database in place of the configured one."""
    head, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    return f"{head}/{settings.DATABASES['default']['NAME']}"


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True  # the floor has no such page
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn."""

    port: int
    pid: int

    def memory_mark(self) -> int:
        """Bytes the processes hold now; their high-water mark begins here. Linux only."""
        held = 0
        for process in self._processes():
            process.joinpath("clear_refs").write_text("5")  # proc(5): resets VmHWM
            held += _status(process, "VmRSS")
        return held

    def memory_peak(self) -> int:
        """The most bytes the processes held since the mark."""
        return sum(_status(process, "VmHWM") for process in self._processes())

    def _processes(self) -> list[Path]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [Path("/proc", pid) for pid in (str(self.pid), *children)]


def _status(process: Path, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", process.joinpath("status").read_text())
    return int(found[1]) * 1024 if found else 0


@contextmanager
def web(application: str, **env: str) -> Iterator[int]:
    """The server, up; gives its port."""
    with server(application, **env) as running:
        yield running.port


@contextmanager
def server(application: str, **env: str) -> Iterator[Server]:
    """The server, up."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": scratch_url(),
        "DEBUG": "0",
        "PORT": str(port),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
        **env,
    }
    if application == PRODUCT:  # its pages name the collected files
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
        subprocess.run(collect, cwd=BASE, env=environment, check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", *web_command(f"127.0.0.1:{port}", application)],
        cwd=BASE,
        env=environment,
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        assert wait_until(lambda: _answers(port), seconds=60), f"{application} does not answer"
        yield Server(port, process.pid)
    finally:
        end_group(process.pid, seconds=10)
        process.wait()
