"""A worker killed hard in the middle of its call to the platform: the reply goes out once, or people are asked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from inbox.models import Message
from inbox.outbound import UNCERTAIN

from .outbox import PATHS, accept, make_chat, make_due, queue, sandboxed, send

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = """
import sys, django
django.setup()
from channels_ingest.outbound import message_send
message_send(message_id=int(sys.argv[1]))
"""


def database_url() -> str:
    """Of the tests' database, for another process: the project's, under the name it has now."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"


def killed_in_the_call(platform: HTTPServer, name: str, message: Message) -> None:
    """Start a worker, wait until the platform has its call, and kill it before it has the answer."""
    called, killed = threading.Event(), threading.Event()

    def answer(_request: Request) -> Response:
        called.set()
        killed.wait(30)
        return Response("{}")

    platform.expect_oneshot_request(PATHS[name]).respond_with_handler(answer)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "saifa_crm.settings",
        "DEBUG": "1",
        "SECRET_KEY": project.SECRET_KEY,
        "FIELD_ENCRYPTION_KEYS": ",".join(project.FIELD_ENCRYPTION_KEYS),
        "SANDBOX_BASE_URL": project.SANDBOX_BASE_URL,
        "DATABASE_URL": database_url(),
    }
    command = [sys.executable, "-c", WORKER, str(message.pk)]
    with subprocess.Popen(command, env=environment, cwd=project.BASE_DIR) as worker:
        try:
            assert called.wait(30)
        finally:
            worker.kill()
            killed.set()


OUTCOMES = [("facebook", ("failed", None), 1), ("line", ("sent", "590"), 2)]


@pytest.mark.parametrize(("name", "outcome", "calls"), OUTCOMES)
def test_killed_in_the_call(
    httpserver: HTTPServer, settings: Any, name: str, outcome: tuple[str, str | None], calls: int
) -> None:
    platform = sandboxed(httpserver, settings)
    message = queue(make_chat(name))
    killed_in_the_call(platform, name, message)
    accept(platform, name, "590")
    message.refresh_from_db()
    assert (message.delivery_state, message.error, message.send_tries) == ("queued", UNCERTAIN, 1)
    send(message)
    assert len(platform.log) == 1  # another worker leaves it alone for now
    make_due(message)
    send(message)
    assert (message.delivery_state, message.platform_id) == outcome
    assert len(platform.log) == calls
    keys = {request.headers.get("X-Line-Retry-Key") for request, _ in platform.log}
    assert keys == ({str(message.retry_key)} if name == "line" else {None})
