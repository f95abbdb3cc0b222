"""Where everything lives: DATA_DIR, the servers' home, their sockets, and the user who owns them."""

import hashlib
import os
import pwd
import re
import secrets
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import StackError
from .locks import locked

BASE = Path(__file__).resolve().parents[2]
SYSTEM_PARENTS = (Path("/var/lib"), Path("/usr/local/var"), Path("/opt"))
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 100  # the kernel's limit is 107 on Linux, 103 on macOS; a longer one is cut silently
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # needs no quoting in any of the URL forms

Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """The unprivileged user who runs the servers when we are root."""

    name: str
    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        """Arguments of Popen that become this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Place:
    """The folders of one installation."""

    data: Path  # DATA_DIR: ours
    home: Path  # where the servers' files are: DATA_DIR, or a system folder where they cannot enter DATA_DIR
    sockets: Path
    account: Account | None  # None: the servers run as the present user

    def popen(self) -> dict[str, Any]:
        """Arguments of Popen for a server."""
        return {**(self.account.popen() if self.account else {}), "cwd": "/", "stdin": subprocess.DEVNULL}

    def folder(self, name: str) -> Path:
        """A 0700 folder in the home that belongs to the servers' user."""
        return own_folder(self.home / name, self.account)


def data_dir() -> Path:
    """DATA_DIR as an absolute path; a relative one is meant from the project's folder."""
    return (BASE / Path(os.environ.get("DATA_DIR") or ".data").expanduser()).resolve()


def make_data_dir() -> Path:
    """DATA_DIR, created when it is not there. As root the servers' user must pass through it, not read it."""
    data = data_dir()
    try:
        for folder, mode in (
            (data, 0o711 if os.geteuid() == 0 else 0o700),
            (data / "run", 0o700),
            (data / "logs", 0o700),
        ):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(mode)
    except OSError as error:
        raise StackError(f"Cannot write in {data} ({error.strerror}): set DATA_DIR to a folder of yours.") from None
    return data


def find_place(data: Path, say: Say) -> Place:
    """The folders for the servers of this DATA_DIR; says so when they cannot be inside it."""
    with locked(data / "run" / "place.lock"):
        home = _recorded_home(data)
        account = _account(home or data)
        if home is None:
            home = data if account is None or can_enter(data, account) else _system_home(data, account, say)
        return Place(data=data, home=home, sockets=_sockets(home, account), account=account)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether that user gets into the folder; tried, because modes alone do not tell (ACLs, mounts)."""
    command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
    return subprocess.run(command, cwd="/", stderr=subprocess.DEVNULL, **account.popen()).returncode == 0


def own_folder(path: Path, account: Account | None) -> Path:
    """A 0700 folder of the servers' user. Refuses one that somebody else put there first."""
    uid = account.uid if account else os.geteuid()
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        if account:
            os.chown(path, account.uid, account.gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        owner = _user_name(found.st_uid)
        raise StackError(f"{path} belongs to {owner}, not to {_user_name(uid)}: run as {owner}, or set DATA_DIR.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
    return path


def _recorded_home(data: Path) -> Path | None:
    record = data / "servers-home"
    if not record.exists():
        return None
    home = Path(record.read_text().strip())
    if not home.is_dir():
        raise StackError(f"The database folder {home}, named in {record}, is gone. Delete {record} to begin anew.")
    return home


def _account(home: Path) -> Account | None:
    """None unless root; as root the owner of existing data, else `nobody`: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    try:
        owner = (home / "postgres").stat().st_uid
    except OSError:
        owner = 0
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise StackError("PostgreSQL needs an unprivileged user with an entry in /etc/passwd: none found.") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_home(data: Path, account: Account, say: Say) -> Path:
    """Root inside a closed folder: keep the servers' files under a system folder, and remember which."""
    if (data / "postgres").exists():
        raise StackError(f"PostgreSQL (user {account.name}) can no longer enter {data}: a folder above it was closed.")
    for parent in SYSTEM_PARENTS:
        if parent.is_dir() and os.access(parent, os.W_OK) and can_enter(parent, account):
            home = parent / f"saifa-crm-{secrets.token_hex(6)}"
            home.mkdir()
            home.chmod(0o711)
            (home / "belongs-to").write_text(f"{data}\n")
            (data / "servers-home").write_text(f"{home}\n")
            say(f"{data} is closed to other users: PostgreSQL and Redis (user {account.name}) use {home}")
            return home
    raise StackError(f"PostgreSQL (user {account.name}) cannot enter {data}: set DATA_DIR to a folder it can enter.")


def _sockets(home: Path, account: Account | None) -> Path:
    """A short 0700 folder: in the home where the path allows, else in /tmp named by a hash of the home."""
    folder = home / "sockets"
    if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_BYTES or not PLAIN_PATH.fullmatch(str(folder)):
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder = Path("/tmp") / f"saifa-crm-{digest}"  # noqa: S108 own_folder checks whose it is
    return own_folder(folder, account)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
