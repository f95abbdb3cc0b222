"""Typed readers of the environment; settings are read here and nowhere else."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}


def redis_location(db: int) -> str:
    """REDIS_URL pointing at database number `db`, in the form of django's cache (`unix://…?db=` or `redis://…/n`)."""
    url = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
    if url.startswith("unix://"):
        path, _, query = url.partition("?")
        base = int(query.removeprefix("db=") or 0) if query.startswith("db=") else 0
        return f"{path}?db={base + db}"
    head, _, last = url.rpartition("/")
    return f"{head}/{int(last) + db}" if last.isdigit() and head.count("/") >= 2 else f"{url}/{db}"


def broker_url() -> str:
    """The same server in Celery's form: `redis+socket://path?virtual_host=n` for a socket."""
    url = redis_location(0)
    if url.startswith("unix://"):
        path, _, query = url.removeprefix("unix://").partition("?")
        return f"redis+socket://{path}?virtual_host={query.removeprefix('db=') or 0}"
    return url


def refuse_unsafe(*, debug: bool, secret_key: str, hosts: list[str], keys: list[str], base_url: str) -> None:
    """Refuse a start with an unsafe value; one line names it. DEBUG is for this machine only.

    Raises ImproperlyConfigured.
    """
    url = urlsplit(base_url)
    loopback = url.hostname in LOOPBACK
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ImproperlyConfigured("PUBLIC_BASE_URL must start with http:// or https:// and name a host.")
    if debug and not loopback:
        raise ImproperlyConfigured("DEBUG shows secrets: with it, PUBLIC_BASE_URL must be on loopback.")
    if url.scheme == "http" and not loopback:
        raise ImproperlyConfigured("PUBLIC_BASE_URL must be https://; plain http is for loopback only.")
    if debug:
        return
    known = ("django-insecure", "development-only")
    if len(secret_key) < 32 or secret_key.startswith(known) or len(set(secret_key)) < 5:
        raise ImproperlyConfigured("SECRET_KEY must be set to a random value of 32 characters or more.")
    if any(host.strip(".") in ("*", "") for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts, not '*'.")
    if not keys:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS must hold at least one Fernet key.")
    for key in keys:
        try:
            fits = len(base64.urlsafe_b64decode(key)) == 32
        except ValueError:
            fits = False
        if not fits:
            raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS: each must be a 32-byte urlsafe base64 Fernet key.")


def debug_fernet_key(secret_key: str) -> str:
    """A key derived from the development secret, so that DEBUG needs no further setting."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret_key.encode()).digest()).decode()
