"""Starts the product's web server, or the floor's, on the scratch database: same gunicorn, same settings."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def web(application: str, **env: str) -> Iterator[int]:
    """The server, up; gives its port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *web_command(f"127.0.0.1:{port}", application)],
        cwd=BASE,
        env={
            **os.environ,
            "DATABASE_URL": scratch_url(),
            "DEBUG": "0",
            "PORT": str(port),
            "PYTHONWARNINGS": "ignore:No directory at",  # static files are not collected: none is asked for
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
            **env,
        },
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        assert wait_until(lambda: _answers(port), seconds=60), f"{application} does not answer"
        yield port
    finally:
        end_group(process.pid, seconds=10)
        process.wait()
