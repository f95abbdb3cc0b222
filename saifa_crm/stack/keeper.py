"""Keeps one embedded server running for as long as somebody uses it: python -m saifa_crm.stack.keeper NAME.

Users hold a shared lock on NAME.users. The kernel drops it however they end, so the last one out, even a
killed one, lets the keeper stop the server. Only one keeper runs: it holds NAME.keeper for its whole life.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

import psutil

from . import locks
from .errors import StackError
from .folders import Place, find_place, make_data_dir
from .postgres import Postgres, server_env
from .process import dies_with_parent, end
from .redis import Redis
from .wakeup import Wakeup

LINGER = 3.0  # seconds without a user before the server stops: commands in a row find it running
START_SECONDS = 600.0  # crash recovery of a large database takes its time
START_ATTEMPTS = 5  # after a hard kill, shared memory may be in use for a moment


class Server(Protocol):
    """What the keeper knows of a server."""

    name: str
    title: str
    url: str
    stop_steps: tuple[tuple[signal.Signals, float], ...]
    death_signal: signal.Signals

    def __init__(self, place: Place) -> None: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def is_ready(self) -> bool: ...


SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "redis": Redis}  # type: ignore[dict-item]  # url is a property


class Keeper:
    """Starts the server, starts it again when it dies, stops it when nobody uses it."""

    def __init__(self, server: Server, place: Place, users: int, wakeup: Wakeup) -> None:
        self.server = server
        self.place = place
        self.users = users
        self.wakeup = wakeup
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers; StackError when it does not come up."""
        for _ in range(START_ATTEMPTS):
            self.server.prepare()
            log = self.place.data / "logs" / f"{self.server.name}.log"
            if log.exists() and log.stat().st_size > 5_000_000:
                log.rename(log.with_suffix(".log.1"))
            with log.open("ab") as output:
                self.process = subprocess.Popen(
                    self.server.command(), stdout=output, stderr=output, env=server_env(),
                    start_new_session=True, preexec_fn=dies_with_parent(self.server.death_signal),
                    **self.place.popen(),
                )  # fmt: skip
            deadline = time.monotonic() + START_SECONDS
            while self.process.poll() is None and time.monotonic() < deadline:
                if self.server.is_ready():
                    return
                self.wakeup.wait(0.05)
                if self.wakeup.stops:
                    self.stop()
                    raise StackError(f"{self.server.title} was stopped while it started.")
            self.stop()
        lines = log.read_text(errors="replace").strip().splitlines()[-3:]
        raise StackError(f"{self.server.title} does not start; the last lines of {log}:\n" + "\n".join(lines))

    def stop(self) -> None:
        """End the server."""
        if self.process and self.process.poll() is None:
            end([psutil.Process(self.process.pid)], self.server.stop_steps)
            self.process.wait()

    def watch(self) -> None:
        """Until told to stop, or nobody has used the server for a while."""
        idle_since: float | None = None
        pause = 1.0
        while not self.wakeup.stops:
            self.wakeup.wait(0.25)
            if self.process and self.process.poll() is not None and not self.wakeup.stops:
                try:
                    self.start()
                    pause = 1.0
                except StackError as error:
                    print(error, file=sys.stderr, flush=True)
                    self.wakeup.wait(pause)
                    pause = min(pause * 2, 30.0)
            if not locks.try_lock(self.users):
                idle_since = None
                continue
            idle_since = idle_since or time.monotonic()
            if time.monotonic() - idle_since >= LINGER:
                return  # the lock stays ours: who comes now waits until we are gone
            locks.unlock(self.users)


def tell(kind: str, text: str = "") -> None:
    """A line for the process that started us; it may be gone."""
    try:
        print(json.dumps([kind, text]), flush=True)
    except BrokenPipeError:
        pass


def main(name: str) -> int:
    """Run the keeper of one server."""
    wakeup = Wakeup(signal.SIGTERM, signal.SIGINT)
    run = make_data_dir() / "run"
    state = run / f"{name}.json"
    alone = locks.hold_now(run / f"{name}.keeper")
    users = os.open(run / f"{name}.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if alone is None:
        return 0
    keeper: Keeper | None = None
    try:
        state.unlink(missing_ok=True)
        place = find_place(run.parent, lambda line: tell("note", line))
        if locks.hold_now(place.home / f"{name}.home") is None:
            raise StackError(f"Another copy of this installation already uses {place.home}.")
        keeper = Keeper(SERVERS[name](place), place, users, wakeup)
        keeper.start()
        write_state(state, keeper)
        tell("ready")
        forget_starter()
        keeper.watch()
    except StackError as error:
        tell("error", str(error))
        return 1
    finally:
        if keeper:
            keeper.stop()
        state.unlink(missing_ok=True)
    return 0


def write_state(path: Path, keeper: Keeper) -> None:
    """What a user needs to know, written as a whole; it holds the database's password."""
    half = path.with_suffix(".new")
    half.touch(mode=0o600)
    half.write_text(json.dumps({"keeper": os.getpid(), "url": keeper.server.url, "home": str(keeper.place.home)}))
    half.replace(path)


def forget_starter() -> None:
    """Let go of the pipe to the process that started us."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
