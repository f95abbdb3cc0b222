"""One supervised process: started, started again when it dies, stopped."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field

from .folders import BASE
from .process import dies_with_parent, end_group, is_same, started_at

STEADY_SECONDS = 30.0  # who lives this long has started well: the back-off begins anew
LONGEST_PAUSE = 30.0


@dataclass
class Child:
    """A command in a session of its own: Ctrl-C reaches only the supervisor, which stops all in order."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    patience: float = 6.0  # seconds to end by itself
    quiet: bool = False  # what it answers on stdout is for nobody
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = 0.0
    due: float = 0.0

    def start(self) -> subprocess.Popen[bytes]:
        """Start it now."""
        self.process = subprocess.Popen(
            self.command, cwd=BASE, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self.quiet else None,
            start_new_session=True, preexec_fn=dies_with_parent(signal.SIGTERM),
        )  # fmt: skip
        self.began = time.monotonic()
        return self.process

    def look(self) -> str | None:
        """Start it again when it died; a line to print when it has just been found dead."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        end_group(self.process.pid, seconds=2.0)  # workers of a killed master would hold its port
        self.process = None
        self.pause = 1.0 if now - self.began > STEADY_SECONDS else min(max(self.pause * 2, 0.5), LONGEST_PAUSE)
        self.due = now + self.pause
        return f"The {self.name} process ended ({describe(code)}); starting it again in {self.pause:g} s"

    def stop(self) -> None:
        """End it and all it started."""
        if self.process:
            self.process.poll()
            end_group(self.process.pid, seconds=self.patience)
            self.process.wait()
            self.process = None

    def identity(self) -> dict[str, object] | None:
        """What a later run needs to recognise it: pid and start time."""
        if self.process is None:
            return None
        start = started_at(self.process.pid)
        return {"name": self.name, "pid": self.process.pid, "started": start} if start else None


def end_leftover(identity: dict[str, object]) -> bool:
    """End a child of a killed run; False when it is gone and its pid, if any, is another's."""
    pid, start = identity.get("pid"), identity.get("started")
    if not isinstance(pid, int) or not isinstance(start, float) or not is_same(pid, start):
        return False
    end_group(pid, seconds=5.0)
    return True


def describe(code: int) -> str:
    """An exit code in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
