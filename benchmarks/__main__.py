"""`make bench`: measures on a scratch database that is dropped afterwards; prints each figure beside its floor.

`python -m benchmarks posts` takes that part only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django

from saifa_crm.stack.services import ensure_services


@contextmanager
def scratch_database() -> Iterator[None]:
    """A fresh, migrated database beside the configured one."""
    from django.db import connections
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0, interactive=False)
    old = runner.setup_databases()
    try:
        yield
    finally:
        connections.close_all()
        runner.teardown_databases(old)


def main() -> int:
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")
    ensure_services()
    django.setup()
    from django.conf import settings

    settings.DEBUG = False  # else Django keeps every statement
    settings.DATABASES["default"]["TEST"]["NAME"] = "saifa_crm_bench"
    from . import posts, render, report

    modules = {"posts": posts, "report": report, "render": render}
    with scratch_database():
        for module in [modules[name] for name in sys.argv[1:] or modules]:
            for line in module.measure():
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
