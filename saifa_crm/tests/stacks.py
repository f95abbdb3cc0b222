"""The whole product as processes, for tests: a DATA_DIR of its own, `make run` in it, and who its processes are."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from saifa_crm.stack.folders import BASE
from saifa_crm.stack.process import wait_until


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


@contextmanager
def data_folder() -> Iterator[Path]:
    """A DATA_DIR that the servers' user can enter, unlike pytest's own 0700 folders; nothing may outlive it."""
    above = Path(tempfile.mkdtemp(prefix="saifa-stack-"))
    above.chmod(0o711)
    yield above / "data"
    assert wait_until(lambda: not processes_of(above / "data"), seconds=20), processes_of(above / "data")
    shutil.rmtree(above)


class Running(NamedTuple):
    """A `make run`: its process, its port, what it and its children have printed."""

    process: subprocess.Popen[str]
    port: str
    said: list[str]


@contextmanager
def running_stack(data: Path, **env: str) -> Iterator[Running]:
    """`make run` on a free port, up."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    run = subprocess.Popen(
        [sys.executable, "-m", "saifa_crm.stack"], cwd=BASE, env=environment(data, PORT=port, DEMO="0", **env),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert run.stdout
    said: list[str] = []
    up = threading.Event()

    def listen() -> None:
        """To the end: a full pipe would stop whoever writes to it."""
        for line in run.stdout or ():
            said.append(line)
            if "is running at" in line:
                up.set()
        up.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    up.wait(120)
    if not any("is running at" in line for line in said):
        run.kill()
        pytest.fail("".join(said))
    try:
        yield Running(run, port, said)
    finally:
        if run.poll() is None:
            run.send_signal(signal.SIGTERM)
        run.wait(timeout=30)
        listener.join(10)
