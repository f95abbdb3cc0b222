"""Web, workers, PostgreSQL and Redis killed hard in the middle of a burst: what was acknowledged is there, once.

One running product for all of them, as a shop would have it. `KILLS` (default 10) sets the rounds each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from channels_ingest.sandbox.directory import Directory
from channels_ingest.sandbox.server import running as sandbox_running
from channels_ingest.tests.posts import (
    APP_SECRET,
    LINE_BOT,
    LINE_SECRET,
    PAGE,
    line_body,
    line_event,
    line_signature,
)
from saifa_crm.stack.demo import libpq_url
from saifa_crm.stack.folders import BASE
from saifa_crm.stack.process import wait_until
from saifa_crm.tests.stacks import Running, data_folder, environment, running_stack, server_of

from .burst import Burst, Post, line_post, send

ROUNDS = int(os.environ.get("KILLS", "10"))
SETTLED_WITHIN = 300  # seconds: a slow disk brings PostgreSQL back late, and ten thousands of posts wait in the spool
NOWHERE = "http://127.0.0.1:9"  # the platforms' APIs: nothing answers, as on a day when they are down
SANDBOX_BOT = "U" + "e" * 32  # the one account whose platform does: the sandbox
NEWCOMERS = [f"Uflush{number}" for number in range(12)]


Found = Callable[["Shop", int], list[psutil.Process]]  # the processes to kill in a round; none while it is down


class Shop:
    """The running product with a LINE and a Messenger channel."""

    def __init__(self, data: Path, running: Running, sandbox: str) -> None:
        self.data, self.running, self.port, self.sandbox = data, running, int(running.port), sandbox
        self.manage("connect_channel", "--platform", "facebook", "--external-id", PAGE, "--secret", APP_SECRET)
        said = self.manage("connect_channel", "--platform", "line", "--external-id", LINE_BOT, "--secret", LINE_SECRET)
        self.line_path = path_of(said.stdout)

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=BASE,
            env=environment(self.data, PORT=self.running.port, SANDBOX_BASE_URL=self.sandbox),
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def burst(self, run: str) -> Burst:
        return Burst(self.port, self.line_path, run)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(libpq_url(self.url("postgres"))) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def url(self, server: str) -> str:
        return str(json.loads((self.data / "run" / f"{server}.json").read_text())["url"])

    def stored(self) -> dict[str, int]:
        """How often each message is there, by its platform id; none while the database is away."""
        try:
            rows = self.rows("SELECT platform_id, count(*) FROM inbox_message GROUP BY platform_id")
        except (OSError, psycopg.OperationalError):
            return {}
        return {str(mid): int(str(n)) for mid, n in rows}

    def victims(self, found: Found, round_: int, killed: set[int]) -> list[psutil.Process]:
        """Who is to be killed, up again since the last time."""
        victims: list[psutil.Process] = []

        def is_there() -> bool:
            try:
                victims[:] = found(self, round_)
            except psutil.NoSuchProcess:
                return False  # it is just being started again
            return bool(victims) and not killed & {victim.pid for victim in victims}

        assert wait_until(is_there, seconds=60), "it did not come back"
        return victims

    def child(self, name: str) -> psutil.Process | None:
        """A supervised process that is up."""
        children = json.loads((self.data / "run" / "children.json").read_text())
        try:
            return next((psutil.Process(child["pid"]) for child in children if child["name"] == name), None)
        except psutil.NoSuchProcess:
            return None


def path_of(said: str) -> str:
    """The webhook's path: the URL stands alone on the last line."""
    return "/webhooks/" + said.split()[-1].partition("/webhooks/")[2]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    directory = Directory()
    directory.load(
        {
            "people": {"line": {person: {"name": f"Name of {person}"} for person in NEWCOMERS}},
            "accounts": {"sandbox-token": {"id": SANDBOX_BOT, "name": "Sandbox"}},
        }
    )
    with data_folder() as data, sandbox_running(directory) as sandbox, running_stack(
        data,
        GRAPH_API_BASE_URL=NOWHERE, INSTAGRAM_API_BASE_URL=NOWHERE, LINE_API_BASE_URL=NOWHERE,
        LINE_DATA_API_BASE_URL=NOWHERE, SANDBOX_BASE_URL=sandbox.url,
    ) as running:  # fmt: skip
        yield Shop(data, running, sandbox.url)


def of_child(name: str) -> Found:
    """Mostly one of its processes, which its master starts again; at times master and all, hard, at once."""

    def victims(shop: Shop, round_: int) -> list[psutil.Process]:
        master = shop.child(name)
        forked = master.children(recursive=True) if master else []
        if not master or not forked:
            return []
        return [master, *forked] if round_ % 4 == 3 else [forked[round_ % len(forked)]]

    return victims


def of_server(name: str) -> Found:
    def victims(shop: Shop, round_: int) -> list[psutil.Process]:
        try:
            return [server_of(shop.data, name)]
        except (AssertionError, IndexError):
            return []  # its keeper is just starting it again

    return victims


VICTIMS = {
    "web": of_child("web"),
    "worker": of_child("worker"),
    "postgres": of_server("postgres"),
    "redis": of_server("redis"),
}


@pytest.mark.parametrize("name", VICTIMS)
def test_acknowledged_messages_survive_hard_kills(shop: Shop, name: str) -> None:
    found = VICTIMS[name]
    killed: set[int] = set()
    with shop.burst(name) as burst:
        for round_ in range(ROUNDS):
            burst.goes_on(20)
            victims = shop.victims(found, round_, killed)
            for victim in victims:
                killed.add(victim.pid)
                with suppress(psutil.NoSuchProcess):  # a pool's process ends with its master
                    victim.kill()
        burst.goes_on(20)
    assert len(set(burst.acknowledged)) == len(burst.acknowledged)
    settled = wait_until(lambda: set(burst.acknowledged) <= set(shop.stored()), seconds=SETTLED_WITHIN)
    assert settled, (sorted(set(burst.acknowledged) - set(shop.stored())), shop.running.said[-40:])
    assert set(shop.stored().values()) == {1}
    audit = shop.manage("audit")
    assert audit.returncode == 0, audit.stdout


def test_two_hundred_first_messages_of_one_person_at_once(shop: Shop) -> None:
    posts = [line_post(shop.line_path, range(n, n + 1), lambda n: "Unew", "together") for n in range(200)]
    barrier = threading.Barrier(20)
    answers: list[bool] = []

    def work(mine: list[int]) -> None:
        barrier.wait()
        for number in mine:
            answers.append(send(shop.port, posts[number]))

    threads = [threading.Thread(target=work, args=(list(range(first, 200, 20)),)) for first in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 200
    assert wait_until(lambda: sum(mid.startswith("together") for mid in shop.stored()) == 200, seconds=30)
    sql = "SELECT count(DISTINCT contact_id), count(*) FROM contacts_identity WHERE external_id = 'Unew'"
    assert shop.rows(sql) == [(1, 1)]
    assert shop.manage("audit").returncode == 0


def picture_post(path: str, person: str) -> Post:
    event = line_event(person, f"picture of {person}")
    event["message"] = {"id": event["message"]["id"], "type": "image", "contentProvider": {"type": "line"}}
    body = json.dumps(line_body(event, destination=SANDBOX_BOT)).encode()
    return Post(path, body, {"X-Line-Signature": line_signature(body)}, (event["message"]["id"],))


def test_names_and_pictures_arrive_though_redis_forgot_the_tasks(shop: Shop) -> None:
    said = shop.manage(
        "connect_channel", "--platform", "line", "--external-id", SANDBOX_BOT, "--secret", LINE_SECRET,
        "--token", "sandbox-token", "--sandbox",
    )  # fmt: skip
    path = path_of(said.stdout)
    # Killed before, they may be just coming back.
    assert wait_until(lambda: all(shop.child(name) for name in ("worker", "media")), seconds=60)
    workers = [child for name in ("worker", "media") if (child := shop.child(name))]
    stopped = [*workers, *(child for worker in workers for child in worker.children(recursive=True))]
    broker = redis.Redis.from_url(shop.url("redis"))
    for process in stopped:
        process.suspend()
    try:
        assert all(send(shop.port, picture_post(path, person)) for person in NEWCOMERS)
        assert broker.llen("profile")
        assert broker.llen("media")
        broker.flushall()
    finally:
        for process in stopped:
            process.resume()
    # What waits for its task is taken for forgotten after two minutes: as if they had gone by, the sweeps' next turn.
    shop.rows("UPDATE inbox_mediafile SET next_at = now() WHERE state = 'pending'")
    shop.rows("UPDATE contacts_identity SET profile_next_at = now() WHERE profile_state = 'pending'")
    shop.manage(
        "shell", "-c", "from channels_ingest import tasks; tasks.sweep_profiles.delay(); tasks.sweep_media.delay()"
    )
    names = "SELECT count(*) FROM contacts_contact WHERE name LIKE 'Name of Uflush%'"
    pictures = (
        "SELECT count(*) FROM inbox_mediafile f JOIN inbox_message m ON m.id = f.message_id"
        " WHERE m.platform_id LIKE 'picture of %' AND f.state = 'stored'"
    )
    for sql in (names, pictures):
        assert wait_until(lambda sql=sql: shop.rows(sql) == [(len(NEWCOMERS),)], seconds=60), shop.running.said[-20:]  # type: ignore[misc]
