"""Environment of a bare machine: the .env file, and secrets generated once into DATA_DIR/secrets.env."""

import base64
import os
import secrets
from pathlib import Path

from environ import Env

from .folders import BASE


def load_env_file() -> None:
    """Read .env beside manage.py; what the environment already says wins."""
    path = BASE / ".env"
    if path.exists():
        Env.read_env(path)


def load_secrets(data: Path, *, create: bool) -> None:
    """Export DATA_DIR/secrets.env, generated first where allowed.

    Not created where a single command uses an outside database: a key of this machine's own would encrypt
    what the other machines cannot read.
    """
    path = data / "secrets.env"
    if create and not path.exists():
        _write(path)
    if path.exists():
        Env.read_env(path)


def _write(path: Path) -> None:
    lines = [
        "# Made at the first start. The stored channel secrets cannot be read without them: keep a copy.",
        f"SECRET_KEY={secrets.token_urlsafe(50)}",
        f"FIELD_ENCRYPTION_KEYS={base64.urlsafe_b64encode(os.urandom(32)).decode()}",
    ]
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.touch(mode=0o600)
    half.write_text("\n".join(lines) + "\n")
    try:
        os.link(half, path)  # fails where another process was quicker: its keys count
    except FileExistsError:
        pass
    finally:
        half.unlink()
