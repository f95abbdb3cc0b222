"""Whether this run loads the demo shop: asked for, or the default on an embedded, empty database."""

import os
from pathlib import Path

import psycopg

TABLES = ("contacts_channel", "contacts_contact", "auth_user")  # rows in any of them: not empty
YES = {"1", "true", "yes", "on"}


def is_wanted(data: Path, *, embedded: bool) -> bool:
    """DEMO where it is set; else only an embedded database that is empty, or whose demo was broken off."""
    asked = os.environ.get("DEMO", "").strip().lower()
    if asked:
        return asked in YES and not (_marker(data).exists() and _read(data) == "done" and embedded)
    return embedded and (_read(data) == "started" or is_empty(os.environ["DATABASE_URL"]))


def mark(data: Path, state: str) -> None:
    """Remember how far the demo got: "started" or "done"."""
    _marker(data).write_text(state)


def people(data: Path) -> Path:
    """Where the demo's people are written for the sandbox (overview.demo.loader writes it)."""
    return data / "demo-people.json"


def has_people(data: Path) -> bool:
    """Whether the demo was loaded here: its channels need the sandbox at every start."""
    return people(data).exists()


def is_empty(url: str) -> bool:
    """Whether the migrated database holds neither contacts nor channels nor people."""
    with psycopg.connect(libpq_url(url)) as connection:
        return not any(
            connection.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone() == (True,)  # noqa: S608 our own names
            for table in TABLES
            if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,)
        )


def libpq_url(url: str) -> str:
    """As libpq reads it: postgres://user:password@//folder/name takes the folder as a parameter."""
    head, separator, rest = url.partition("@//")
    if not separator:
        return url
    folder, _, name = rest.rpartition("/")
    return f"{head}@/{name}?host=/{folder}"


def _marker(data: Path) -> Path:
    return data / "demo"


def _read(data: Path) -> str:
    marker = _marker(data)
    return marker.read_text().strip() if marker.exists() else ""
