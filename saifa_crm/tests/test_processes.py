"""What the processes are told from outside: every setting is explained, every task has its queue."""

from __future__ import annotations

import re
from pathlib import Path

from celery import Celery
from django.conf import settings

from saifa_crm.celery import app

READ = re.compile(r"(?:env\.\w+|os\.environ\.get)\(\s*\"([A-Z_]+)\"")
OF_OTHERS = {"PATH", "PYTEST_XDIST_WORKER"}


def test_every_variable_that_is_read_is_explained() -> None:
    sources = [path for path in Path(settings.BASE_DIR, "saifa_crm").rglob("*.py") if "tests" not in path.parts]
    read = {name for path in sources for name in READ.findall(path.read_text())}
    example = Path(settings.BASE_DIR, ".env.example").read_text()

    assert read - OF_OTHERS - set(re.findall(r"^#([A-Z_]+)=", example, re.M)) == set()


def test_only_sweeps_and_replays_share_the_queue_of_the_sweeps() -> None:
    """What calls a platform would hold them up, and with them everything that was forgotten."""
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if name.startswith("channels_ingest.")]

    assert ours
    assert [name for name in ours if _queue(app, name) == "sweep" and ".sweep_" not in name] == []


def test_every_sweep_that_beat_starts_is_a_task() -> None:
    app.loader.import_default_modules()

    assert {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def _queue(celery: Celery, name: str) -> str:
    route = celery.amqp.router.route({}, name)
    return str(route["queue"].name)
