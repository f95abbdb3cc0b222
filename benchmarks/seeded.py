"""A database with the benchmark shop: a scratch one, one kept for the next time, or the configured one as it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections
from django.test.runner import DiscoverRunner

SCRATCH = "saifa_crm_bench"


@contextmanager
def scratch_database(name: str = SCRATCH, *, keep: bool = False) -> Iterator[None]:
    """A migrated database beside the configured one; dropped afterwards unless it is to be kept."""
    settings.DATABASES["default"]["TEST"]["NAME"] = name
    runner = DiscoverRunner(verbosity=0, interactive=False, keepdb=keep)
    old = runner.setup_databases(serialized_aliases=[])  # else a kept one's every row is read into memory
    try:
        yield
    finally:
        connections.close_all()
        runner.teardown_databases(old)


@contextmanager
def seeded_database(contacts: int, *, keep: bool) -> Iterator[None]:
    """The shop of that many contacts; a kept database that has them is taken as it is."""
    from contacts.models import Contact
    from overview.benchmark_data.loader import benchmark_seed, last_day

    with scratch_database(f"{SCRATCH}_{contacts}" if keep else SCRATCH, keep=keep):
        if Contact.objects.count() != contacts:
            benchmark_seed(contacts=contacts, until=last_day(), replace=True, say=_say)
        yield


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
