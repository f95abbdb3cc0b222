"""The running of the product: embedded servers, recovery, one run at a time, a taken port, a hard kill."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from saifa_crm.stack.child import Child, end_leftover
from saifa_crm.stack.demo import is_empty, libpq_url
from saifa_crm.stack.folders import BASE, SOCKET_NAME, SOCKET_PATH_BYTES
from saifa_crm.stack.process import started_at, wait_until

USE = """
import os, sys
from saifa_crm.stack.services import ensure_services
ensure_services()
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the embedded servers of a DATA_DIR until it is let go."""

    def __init__(self, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE], cwd=BASE, env=environment(data), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline().split()
        assert len(line) == 2, self.process.stderr.read()
        self.database_url, self.redis_url = line

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(libpq_url(self.database_url), autocommit=True)

    def leave(self) -> str:
        return self.process.communicate()[1]


def environment(data: Path, **more: str) -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "DEMO", "HOST", "PORT")
    return {**{k: v for k, v in os.environ.items() if k not in ours}, "DATA_DIR": str(data), **more}


def keeper_of(data: Path, name: str) -> psutil.Process | None:
    try:
        return psutil.Process(json.loads((data / "run" / f"{name}.json").read_text())["keeper"])
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None


def server_of(data: Path, name: str) -> psutil.Process:
    keeper = keeper_of(data, name)
    assert keeper
    return keeper.children()[0]


def processes_of(data: Path) -> list[str]:
    """Command lines of whatever runs for this DATA_DIR."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("DATA_DIR") == str(data):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    home = (data / "servers-home").read_text().strip() if (data / "servers-home").exists() else str(data)
    found += [" ".join(p.info["cmdline"]) for p in psutil.process_iter(["cmdline"]) if home in str(p.info["cmdline"])]
    return found


@pytest.fixture
def data() -> Iterator[Path]:
    """A DATA_DIR that the servers' user can enter, unlike pytest's own 0700 folders."""
    above = Path(tempfile.mkdtemp(prefix="saifa-stack-"))
    above.chmod(0o711)
    yield above / "data"
    assert wait_until(lambda: not processes_of(above / "data"), seconds=20), processes_of(above / "data")
    shutil.rmtree(above)


def test_servers_are_shared_and_stop_after_the_last_user(data: Path) -> None:
    first = User(data)
    second = User(data)
    assert second.database_url == first.database_url
    with first.connect() as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert len(connection.execute("SELECT show_trgm('สมชาย')").fetchone()[0]) == 6  # type: ignore[index]
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert is_empty(first.database_url)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(r":[^:@]+@", ":wrong@", libpq_url(first.database_url)))
    assert redis.Redis.from_url(first.redis_url).ping()
    sockets = Path("/" + first.database_url.split("@//")[1]).parent
    assert oct(sockets.stat().st_mode)[-3:] == "700"
    assert oct((data / "secrets.env").stat().st_mode)[-3:] == "600"

    keeper = keeper_of(data, "postgres")
    first.process.kill()  # a killed user counts as gone; the other one still keeps the servers
    first.process.wait()
    with second.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert keeper == keeper_of(data, "postgres")
    second.leave()
    assert wait_until(lambda: not processes_of(data), seconds=15), processes_of(data)


def test_a_killed_database_recovers_with_its_data(data: Path) -> None:
    user = User(data)
    with user.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        server = server_of(data, "postgres")
        server.kill()
    answered = []

    def answers() -> bool:
        try:
            with user.connect() as connection:
                answered.append(connection.execute("SELECT n FROM kept").fetchone())
        except psycopg.OperationalError:
            return False
        return True

    assert wait_until(answers, seconds=30)
    assert answered == [(7,)]
    assert server_of(data, "postgres").pid != server.pid

    # Everything killed at once, and the pid file names another living process of that user.
    postmaster = data / "postgres" / "postmaster.pid"
    lines = postmaster.read_text().splitlines()
    owner = postmaster.stat()
    keepers = [keeper for name in ("postgres", "redis") if (keeper := keeper_of(data, name))]
    victims = [*keepers, *(child for keeper in keepers for child in keeper.children())]
    assert len(victims) == 4
    for victim in victims:
        victim.kill()
    user.process.kill()
    user.leave()
    psutil.wait_procs(victims, timeout=10)
    as_owner = {"user": owner.st_uid} if os.geteuid() == 0 else {}
    other = subprocess.Popen(["sleep", "60"], cwd="/", **as_owner)  # type: ignore[call-overload]
    postmaster.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
    os.chown(postmaster, owner.st_uid, owner.st_gid)
    again = User(data)
    with again.connect() as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    assert other.poll() is None  # and was not taken for one
    other.kill()
    other.wait()
    again.leave()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends children of a killed parent on Linux only")
def test_servers_end_with_a_killed_keeper(data: Path) -> None:
    user = User(data)
    keepers = [keeper_of(data, name) for name in ("postgres", "redis")]
    for keeper in keepers:
        assert keeper
        keeper.kill()
    user.process.kill()
    user.leave()
    assert wait_until(lambda: not processes_of(data), seconds=15), processes_of(data)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_in_a_closed_folder_uses_a_system_folder(data: Path) -> None:
    data.parent.chmod(0o700)
    user = User(data)
    with user.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    notes = user.leave()
    home = Path((data / "servers-home").read_text().strip())
    try:
        assert str(home) in notes
        assert data.parent.stat().st_mode & 0o077 == 0  # not opened up
        assert not (data / "postgres").exists()
        assert wait_until(lambda: not processes_of(data), seconds=15)
    finally:
        shutil.rmtree(home)


def test_a_long_or_unusual_path_gets_short_sockets(data: Path) -> None:
    deep = data / ("ร้าน " + "x" * 90)
    user = User(deep)
    with user.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert redis.Redis.from_url(user.redis_url).ping()
    sockets = Path("/" + user.database_url.split("@//")[1]).parent
    assert len(os.fsencode(sockets / SOCKET_NAME)) <= SOCKET_PATH_BYTES
    user.leave()
    assert wait_until(lambda: not processes_of(deep), seconds=15)
    shutil.rmtree(sockets)


def start(data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`make run` that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "saifa_crm.stack"], cwd=BASE, env=environment(data, **env),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_taken_port_is_one_clear_line_before_anything_starts(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = start(data, PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr
    assert not (data / "postgres").exists()


def test_unusable_addresses_are_clear_lines(data: Path) -> None:
    for env, words in (({"PORT": "0x50"}, "not a port number"), ({"HOST": "192.0.2.1"}, "not an address")):
        done = start(data, **env)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert words in done.stderr


@pytest.fixture
def running(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`make run` on a free port, up."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    run = subprocess.Popen(
        [sys.executable, "-m", "saifa_crm.stack"], cwd=BASE, env=environment(data, PORT=port, DEMO="0"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert run.stdout
    said = []
    for line in run.stdout:
        said.append(line)
        if "is running at" in line:
            break
    else:
        pytest.fail("".join(said))
    yield run, port
    if run.poll() is None:
        run.send_signal(signal.SIGTERM)
    run.communicate(timeout=30)


def test_a_run_restarts_its_children_refuses_a_second_and_stops_all(
    data: Path, running: tuple[subprocess.Popen[str], str]
) -> None:
    run, _ = running
    second = start(data, PORT="1")
    assert (second.returncode, second.stderr.count("\n")) == (1, 1)
    assert "already runs" in second.stderr

    record = data / "run" / "children.json"
    before = {child["name"]: child["pid"] for child in json.loads(record.read_text())}
    assert set(before) == {"web", "worker", "media", "beat"}
    os.kill(before["beat"], signal.SIGKILL)

    def is_restarted() -> bool:
        now = {child["name"]: child["pid"] for child in json.loads(record.read_text())}
        return now.get("beat") not in (None, before["beat"])

    assert wait_until(is_restarted, seconds=15)
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=30)
    assert run.returncode == 0, said
    assert "Stopped." in said
    assert processes_of(data) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends children of a killed parent on Linux only")
def test_a_killed_run_leaves_no_process(data: Path, running: tuple[subprocess.Popen[str], str]) -> None:
    running[0].kill()
    assert wait_until(lambda: not processes_of(data), seconds=20), processes_of(data)


def test_leftovers_are_recognised_by_pid_and_start_time() -> None:
    child = Child("web", ["sleep", "60"])
    process = child.start()
    identity = child.identity()
    assert identity
    assert not end_leftover({**identity, "started": started_at(process.pid) - 100})  # type: ignore[operator]
    assert process.poll() is None
    assert end_leftover(identity)
    assert process.wait() == -signal.SIGTERM
