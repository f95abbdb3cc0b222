"""`make run`: brings everything up in order, keeps it up, takes it down in order."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from . import demo, locks
from .address import Address, answers, free_port, read_address, require_free
from .child import Child, end_leftover
from .errors import StackError
from .folders import make_data_dir
from .keys import load_env_file
from .services import (
    VARIABLES,
    attach,
    embedded_variables,
    is_kept,
    prepare_environment,
    server_state,
    stop_service,
)
from .wakeup import Wakeup

CELERY = ("celery", "--quiet", "-A", "saifa_crm.celery:app")
QUEUES = "profile,outbound,sweep,celery"
DOWNLOADS = "media,report"  # apart, so that no reply and no name waits behind somebody's film or export
AS_ROOT = "You're running the worker with superuser privileges"  # a warning of Celery
WEB_READY_SECONDS = 90.0
STOP_ORDER = ("redis", "postgres")


def web_command(bind: str, application: str = "saifa_crm.wsgi:application") -> list[str]:
    """gunicorn with threads: a long report neither occupies a worker nor is cut by its time-out."""
    workers = os.environ.get("WEB_CONCURRENCY") or "2"
    return [
        "gunicorn", application,
        "--worker-class", "gthread", "--workers", workers, "--threads", "8",
        "--timeout", "30", "--graceful-timeout", "4", "--no-control-socket", "--log-level", "warning",
        "--logger-class", "saifa_crm.gunicorn_log.Masked", "--bind", bind,
    ]  # fmt: skip


def say(line: str) -> None:
    """A line for the person at the terminal."""
    print(line, flush=True)


class Supervisor:
    """The processes of one installation."""

    def __init__(self, data: Path, address: Address, wakeup: Wakeup) -> None:
        self.data = data
        self.address = address
        self.wakeup = wakeup
        self.embedded = [VARIABLES[name] for name in embedded_variables()]
        self.children: list[Child] = []
        self.record = data / "run" / "children.json"

    def run(self) -> int:
        """Until Ctrl-C or SIGTERM."""
        try:
            self.end_leftovers()
            require_free(self.address)
            if not self.bring_up():
                return 0
            self.keep_up()
            say("\nStopping…")
        finally:
            self.take_down()
        say("Stopped.")
        return 0

    def end_leftovers(self) -> None:
        """A run that was killed may have left its children: recognised by pid and start time."""
        if not self.record.exists():
            return
        ended = [identity["name"] for identity in json.loads(self.record.read_text()) if end_leftover(identity)]
        if ended:
            say(f"A run that was killed had left its {', '.join(ended)}: ended.")
        self.record.unlink()

    def bring_up(self) -> bool:
        """Servers, migrations, static files, then web, worker, beat and spool; False when told to stop meanwhile."""
        for variable in embedded_variables():
            os.environ[variable] = attach(VARIABLES[variable])
        homes = {state["home"] for name in self.embedded if (state := server_state(name))}
        for home in homes - {str(self.data)}:
            say(f"The files of the embedded servers are in {home}")
        for command in (["migrate", "--noinput", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"]):
            if self.wakeup.stops or not self.manage(command):
                return False
        load_demo = demo.is_wanted(self.data, embedded="postgres" in self.embedded)
        os.environ["DEMO"] = "1" if load_demo else "0"
        if (load_demo or demo.has_people(self.data)) and not self.prepare_sandbox():
            return False
        self.children += [self.web(), self.worker(), self.downloads(), self.beat(), self.spool()]
        for child in self.children:
            child.start()
        self.write_record()
        if not self.wait_for_web():
            return False
        say(f"Saifa CRM is running at {self.address.url} (Ctrl-C stops it)")
        if load_demo:
            self.load_demo()
        return not self.wakeup.stops

    def prepare_sandbox(self) -> bool:
        """The demo's platforms: its channels talk to this stand-in and to nothing outside."""
        if not self.manage(["load_demo", "--people-only"]):
            return False
        port = free_port()
        os.environ["SANDBOX_BASE_URL"] = f"http://127.0.0.1:{port}"
        command = ["platform_sandbox", "--port", str(port), "--people", str(demo.people(self.data))]
        self.children = [Child("sandbox", [sys.executable, "manage.py", *command], quiet=True)]
        return True

    def manage(self, arguments: list[str]) -> bool:
        """Run a command of manage.py to its end; False when told to stop meanwhile."""
        code = self.run_to_end(Child(arguments[0], [sys.executable, "manage.py", *arguments]))
        if code:
            raise StackError(f"Not started: `manage.py {arguments[0]}` failed (see above).")
        return code == 0

    def run_to_end(self, child: Child) -> int | None:
        """The exit code of a command that ends by itself; None, and the command ended, when told to stop."""
        process = child.start()
        while process.poll() is None:
            self.wakeup.wait(0.5)
            if self.wakeup.stops:
                child.stop()
                return None
            self.look_after()
        return process.returncode

    def wait_for_web(self) -> bool:
        """Until the web server answers; False when told to stop meanwhile."""
        deadline = time.monotonic() + WEB_READY_SECONDS
        while not answers(self.address):
            if self.wakeup.stops:
                return False
            if time.monotonic() > deadline:
                raise StackError(f"The web server does not answer at {self.address.url}healthz (see above).")
            self.look_after()
            self.wakeup.wait(0.1)
        return True

    def load_demo(self) -> None:
        """The demo shop, through the running server; it prints how to sign in."""
        demo.mark(self.data, "started")
        code = self.run_to_end(
            Child(
                "demo",
                [sys.executable, "manage.py", "load_demo", "--base-url", self.address.url],
                {"PYTHONUNBUFFERED": "1"},
            )
        )
        if code == 0:
            demo.mark(self.data, "done")
        elif code is not None:
            say("The demo shop could not be loaded (see above); the next start tries again.")

    def keep_up(self) -> None:
        """Restart what dies."""
        while not self.wakeup.stops:
            self.look_after()
            self.wakeup.wait(1.0)

    def look_after(self) -> None:
        """One look at everything."""
        for name in self.embedded:
            if not is_kept(name):
                say(f"The {name} keeper is gone; starting it again")
                try:
                    attach(name)
                except StackError as error:
                    say(str(error))
        lines = [line for child in self.children if (line := child.look())]
        for line in lines:
            say(line)
        self.write_record()

    def write_record(self) -> None:
        """Who our children are, for a run after a hard kill."""
        text = json.dumps([identity for child in self.children if (identity := child.identity())])
        if not self.record.exists() or self.record.read_text() != text:
            half = self.record.with_suffix(".new")
            half.write_text(text)
            half.replace(self.record)

    def take_down(self) -> None:
        """Web, spool, beat, workers, then Redis, then PostgreSQL."""
        order = {"web": 0, "spool": 1, "beat": 2, "worker": 3, "media": 3, "sandbox": 4}
        for child in sorted(self.children, key=lambda child: order[child.name]):
            child.stop()
        for name in STOP_ORDER:
            if name in self.embedded:
                stop_service(name)
        self.record.unlink(missing_ok=True)

    def web(self) -> Child:
        """The web server."""
        command = web_command(self.address.bind)
        return Child("web", [sys.executable, "-m", *command])

    def worker(self) -> Child:
        """Celery worker of everything but downloads and exports."""
        return self.celery_worker("worker", QUEUES, processes=min(4, os.cpu_count() or 2))

    def downloads(self) -> Child:
        """Celery worker that copies attachments and writes exports; two at a time."""
        return self.celery_worker("media", DOWNLOADS, processes=2)

    def celery_worker(self, name: str, queues: str, *, processes: int) -> Child:
        """SIGTERM ends it at once, its tasks are derived again from rows."""
        command = [
            *CELERY, "worker", "-n", f"{name}@%h", "-Q", queues, "--concurrency", str(processes),
            "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
        ]  # fmt: skip
        return Child(
            name,
            [sys.executable, "-W", f"ignore:{AS_ROOT}", "-m", *command],
            {"REMAP_SIGTERM": "SIGQUIT"},
        )

    def beat(self) -> Child:
        """Celery beat; no pid file, so none is ever stale."""
        schedule = self.data / "beat-schedule"
        command = [*CELERY, "beat", "-s", str(schedule), "--pidfile="]
        return Child("beat", [sys.executable, "-m", *command])

    def spool(self) -> Child:
        """Applies what the web processes spooled while the database was away."""
        return Child("spool", [sys.executable, "manage.py", "drain_spool"])


def main() -> int:
    """The command: exit code 0 after Ctrl-C, 1 with a clear line when it cannot start."""
    try:
        load_env_file()
        address = read_address()
        wakeup = Wakeup(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        outside = bool(os.environ.get("DATABASE_URL"))
        data = prepare_environment(create_secrets=address.is_loopback or not outside)
        lock = locks.hold_now(make_data_dir() / "run" / "stack.lock")
        if lock is None:
            raise StackError(f"Saifa CRM already runs here (its data are in {data}): stop that run first.")
        return Supervisor(data, address, wakeup).run()
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
