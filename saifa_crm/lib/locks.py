"""Locks of the database that stand for no row."""

from __future__ import annotations

from django.db import connection


def lock_name(name: str) -> None:
    """Wait for whoever holds this name and hold it until the transaction, which must be open, ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
