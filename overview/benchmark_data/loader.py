"""Loads the benchmark shop by COPY in one transaction: all of it is there, or nothing changed."""

from __future__ import annotations

import collections
import datetime as dt
import hashlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

import django
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.models import Channel, Contact
from labels.models import Colour, Label, label_key
from overview.models import Shop
from saifa_crm.access import Role
from saifa_crm.lib.dates import today

from .batch import COLUMNS, Batch, make_batch
from .catalogue import AGENTS, CHANNELS, LABEL_NAMES, SOURCE
from .plan import Plan, PlannedChannel
from .tables import empty, indexes_aside, lock, strays

LOCK_WAIT = "10s"
WORK_MEMORY = "512MB"  # for building indexes
ENTRIES = "contacts_listentry"  # written by triggers of contacts
WORKERS = 2  # processes that make rows while the database stores them
Say = Callable[[str], None]


class SeedRefused(Exception):
    """The database holds what is not the benchmark's; nothing was changed."""


@dataclass(slots=True)
class Seeded:
    """What was loaded: rows of each table; `digest` is the same wherever the same rows were loaded."""

    rows: collections.Counter[str] = field(default_factory=collections.Counter)
    seconds: float = 0.0
    digest: str = ""


def last_day() -> dt.date:
    """The shop's last day where none is asked for: yesterday, the newest that is over."""
    return today() - dt.timedelta(days=1)


def benchmark_seed(*, contacts: int, until: dt.date, replace: bool, say: Say) -> Seeded:
    """Load a shop of `contacts` people whose last day is `until`. Raises SeedRefused."""
    start = time.monotonic()
    seeded = Seeded()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'; SET LOCAL maintenance_work_mem = '{WORK_MEMORY}'")
        lock(cursor)
        _refuse_others(cursor, replace=replace)
        plan = _plan(contacts, until)
        empty(cursor)
        with indexes_aside(cursor, [*COLUMNS, ENTRIES]) as back:
            _copy(plan, seeded, say)
            for name, statement in back:
                say(name)
                cursor.execute(statement)
        _set_sequences(cursor)
        cursor.execute("SELECT contacts_tally_recount()")  # the rows of each COPY are changes of their own
    say("VACUUM ANALYZE")
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(COLUMNS)}, {ENTRIES}, contacts_tally")
    seeded.seconds = time.monotonic() - start
    return seeded


def _refuse_others(cursor: CursorWrapper, *, replace: bool) -> None:
    if Contact.objects.exists():
        if not replace:
            raise SeedRefused("This database already has contacts; --replace replaces those of an earlier benchmark.")
        if Contact.objects.exclude(identities__channel__external_id__startswith=f"{SOURCE}-").exists():
            raise SeedRefused("This database has contacts that no benchmark made.")
    if found := strays(cursor):
        raise SeedRefused(f"{found[0].table} has rows that belong to no contact ({found[0].column} is empty).")


def _plan(contacts: int, until: dt.date) -> Plan:
    """The shop with its channels, labels and staff; those of an earlier load, or of its own names, are used again."""
    Shop.objects.get_or_create(pk=1, defaults={"name": "Benchmark", "setup_done": True})
    channels = []
    for one in CHANNELS:
        channel, _ = Channel.objects.get_or_create(
            platform=one.platform, external_id=one.external_id, defaults={"name": one.name}
        )
        channels.append(PlannedChannel(channel.pk, channel.platform, channel.scope, channel.name))
    colours = Colour.values
    labels = [
        Label.objects.get_or_create(
            name_key=label_key(name), defaults={"name": name, "colour": colours[place % len(colours)]}
        )[0]
        for place, name in enumerate(LABEL_NAMES)
    ]
    group, _ = Group.objects.get_or_create(name=Role.AGENT.value)
    agents = []
    for name in AGENTS:
        agent, made = User.objects.get_or_create(username=f"{SOURCE}-{name.lower()}", defaults={"first_name": name})
        if made:
            agent.set_unusable_password()
            agent.save(update_fields=["password"])
            agent.groups.add(group)
        agents.append(agent.pk)
    return Plan(contacts, until, tuple(channels), tuple(label.pk for label in labels), tuple(agents))


def _copy(plan: Plan, seeded: Seeded, say: Say) -> None:
    digest = hashlib.blake2b(digest_size=8)
    start = time.monotonic()
    done = 0
    for batch in _batches(plan):
        for table, columns in COLUMNS.items():
            statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FREEZE)"
            with connection.cursor() as wrapper, wrapper.cursor.copy(statement) as copy:
                copy.write(batch.texts[table])
        seeded.rows.update(batch.rows)
        digest.update(batch.digest)
        done += batch.rows["contacts_contact"]
        say(f"{done:,} of {plan.contacts:,} contacts, {time.monotonic() - start:.0f} s")
    seeded.digest = digest.hexdigest()


def _batches(plan: Plan) -> Iterator[Batch]:
    """In order; made by other processes where there are several, a few of them ahead."""
    if plan.batches == 1:
        yield make_batch(plan, 0)
        return
    # Not forked: the database connection is this process's.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=context, initializer=django.setup) as pool:
        ahead: collections.deque[Future[Batch]] = collections.deque()
        for number in range(plan.batches):
            ahead.append(pool.submit(make_batch, plan, number))
            if len(ahead) > WORKERS + 1:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _set_sequences(cursor: CursorWrapper) -> None:
    """Rows with numbers of their own leave the sequences behind."""
    for table in ("contacts_contact", "contacts_identity", "inbox_conversation"):
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
