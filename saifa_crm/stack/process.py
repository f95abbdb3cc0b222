"""Processes: who is alive, tied to its parent's life, ended for certain."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Poll the condition until it holds; False when it did not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def dies_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A preexec_fn that has the kernel signal the child when its parent ends (Linux; elsewhere None).

    The signal belongs to the thread that forks: spawn from the main thread.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return prepare


def started_at(pid: int) -> float | None:
    """When the process started (epoch seconds), which tells a recycled pid; None when there is no process."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def is_same(pid: int, start: float) -> bool:
    """Whether the process that had this pid and start time is still alive."""
    now = started_at(pid)
    return now is not None and abs(now - start) < 1


def working_in(folder: Path) -> list[psutil.Process]:
    """Processes whose working folder this is: how a database server and its children are recognised."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or another user's
    return found


def end(processes: Iterable[psutil.Process], steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Signal the processes, one step (signal, seconds to wait) after the other, until none is left."""
    left = list(processes)
    for number, seconds in steps:
        if not left:
            return
        for process in left:
            try:
                process.send_signal(number)
            except psutil.Error:
                continue
        _, left = psutil.wait_procs(left, timeout=seconds)


def end_group(leader: int, *, seconds: float) -> None:
    """End a process and everything in its group: asked first, killed when it does not listen."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        if not group_alive(leader):
            return
        try:
            os.killpg(leader, number)
        except (ProcessLookupError, PermissionError):
            return
        wait_until(lambda: not group_alive(leader), seconds=patience)


def group_alive(leader: int) -> bool:
    """Whether a process of the group is left that is more than a zombie."""
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return any(_in_group(process, leader) for process in psutil.process_iter())


def _in_group(process: psutil.Process, leader: int) -> bool:
    try:
        return os.getpgid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False
