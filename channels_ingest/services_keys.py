"""Everything encrypted, encrypted anew with the first of FIELD_ENCRYPTION_KEYS, so that an older key can go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Model, TextField
from django.db.models.functions import Cast

from . import spool
from .encryption import EncryptedJSONField, fernet

BATCH = 500  # rows locked at a time


@dataclass(slots=True)
class Rotated:
    """What became of one column, or of the spool. `unreadable`: ids, or names of files, that no key decrypts."""

    what: str
    changed: int = 0
    already: int = 0
    unreadable: list[str] = field(default_factory=list)


def keys_rotate() -> Iterator[Rotated]:
    """Every encrypted column of every model, then this host's spool. May be run again, and beside a running server."""
    for model in apps.get_models():
        for column in model._meta.local_fields:
            if isinstance(column, EncryptedJSONField):
                yield _column_rotate(model, column)
    yield _spool_rotate()


def _column_rotate(model: type[Model], column: EncryptedJSONField) -> Rotated:
    done = Rotated(f"{model._meta.label}.{column.name}")
    last: Any = 0
    while (last := _batch_rotate(model, column, last, done)) is not None:
        continue
    return done


@transaction.atomic
def _batch_rotate(model: type[Model], column: EncryptedJSONField, after: Any, done: Rotated) -> Any:
    """The next rows, locked, so that a change made meanwhile is not lost; the last id, None where none is left."""
    rows = list(
        model._default_manager.filter(pk__gt=after)
        .order_by("pk")
        .select_for_update(no_key=True)
        .annotate(sealed_text=Cast(F(column.name), TextField()))
        .values_list("pk", "sealed_text")[:BATCH]
    )
    renewed = {}
    for pk, token in rows:
        if (new := _renew(token.encode(), str(pk), done)) is not None:
            renewed[pk] = new.decode()
    if renewed:
        _write(model, column, renewed)
    return rows[-1][0] if rows else None


def _renew(token: bytes, name: str, done: Rotated) -> bytes | None:
    """The token under the first key; None where it is already, or cannot be read."""
    try:
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(token)
        done.already += 1
        return None
    except InvalidToken:
        pass
    try:
        new = fernet().rotate(token)
    except InvalidToken:
        done.unreadable.append(name)
        return None
    done.changed += 1
    return new


def _write(model: type[Model], column: EncryptedJSONField, renewed: dict[Any, str]) -> None:
    """By hand: the field would encrypt what is encrypted. One statement; a primary-key join with the batch."""
    name = connection.ops.quote_name
    table, value = name(model._meta.db_table), name(str(column.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET {value} = v.token"  # noqa: S608 names of our own models
            f" FROM unnest(%s::bigint[], %s::text[]) AS v(id, token) WHERE t.id = v.id",
            [list(renewed), list(renewed.values())],
        )


def _spool_rotate() -> Rotated:
    done = Rotated("spool")
    for path in list(spool.files()):
        try:
            token = path.read_bytes()
        except FileNotFoundError:
            continue  # drained meanwhile
        if (new := _renew(token, path.name, done)) is not None:
            spool.spool_replace(path, new)
    return done
