"""Gives every command a database and a Redis: those the environment names, else embedded ones of DATA_DIR."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, TextIO, cast

from . import keys, locks
from .errors import StackError
from .folders import BASE, data_dir, make_data_dir
from .process import wait_until

VARIABLES = {"DATABASE_URL": "postgres", "REDIS_URL": "redis"}
_held: dict[str, int] = {}  # locks that say "in use", for the life of this process


def ensure_services(*, start: bool = True) -> None:
    """Set DATABASE_URL and REDIS_URL, starting embedded servers where they are unset. Cheap when they run.

    Also sets DATA_DIR (absolute) and, on a bare machine, the generated secrets; `start=False` does only that.
    """
    prepare_environment(create_secrets=False)
    if start:
        for variable in embedded_variables():
            os.environ[variable] = attach(VARIABLES[variable])


def prepare_environment(*, create_secrets: bool) -> Path:
    """.env, DATA_DIR and secrets into os.environ; gives DATA_DIR."""
    keys.load_env_file()
    embedded = bool(embedded_variables())
    data = make_data_dir() if embedded or create_secrets else data_dir()
    os.environ["DATA_DIR"] = str(data)
    keys.load_secrets(data, create=create_secrets or "DATABASE_URL" in embedded_variables())
    return data


def embedded_variables() -> list[str]:
    """Which of the two are not set (empty counts as unset)."""
    return [variable for variable in VARIABLES if not os.environ.get(variable)]


def attach(name: str) -> str:
    """Be a user of the embedded server until this process ends; gives its URL."""
    run = make_data_dir() / "run"
    if name not in _held:
        # Waits for a keeper that is just stopping.
        _held[name] = locks.hold(run / f"{name}.users", shared=True)
    with locks.locked(run / f"{name}.start"):
        if not is_kept(name):
            _start_keeper(name)
        # A keeper whose starter was killed may still be starting.
        wait_until(lambda: (run / f"{name}.json").exists() or not is_kept(name), seconds=600)
    state = server_state(name)
    if state is None:
        raise StackError(f"The embedded {name} stopped while it started; see {run.parent}/logs/.")
    return str(state["url"])


def is_kept(name: str) -> bool:
    """Whether the embedded server's keeper lives."""
    return locks.is_held(data_dir() / "run" / f"{name}.keeper")


def server_state(name: str) -> dict[str, Any] | None:
    """What the keeper wrote about its server: url, home, its own pid."""
    try:
        state: dict[str, Any] = json.loads((data_dir() / "run" / f"{name}.json").read_text())
    except FileNotFoundError:
        return None
    return state


def stop_service(name: str) -> None:
    """Stop the embedded server now, whoever uses it, and wait until it is down."""
    state = server_state(name)
    if state and is_kept(name):
        try:
            os.kill(state["keeper"], signal.SIGTERM)
        except ProcessLookupError:
            pass
        wait_until(lambda: not is_kept(name), seconds=30)
    if name in _held:
        os.close(_held.pop(name))


def _start_keeper(name: str) -> None:
    log = data_dir() / "logs" / f"{name}.log"
    with log.open("ab") as errors:
        keeper = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.keeper", name], cwd=BASE, text=True,
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
    with cast(TextIO, keeper.stdout) as lines:
        for line in lines:
            kind, text = json.loads(line)
            if kind == "ready":
                keeper.returncode = 0  # it outlives us: Popen need not warn that it still runs
                return
            if kind == "error":
                raise StackError(text)
            print(text, file=sys.stderr)
    raise StackError(f"The embedded {name} did not start; see {log}.")
