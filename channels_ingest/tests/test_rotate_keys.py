"""rotate_keys: everything under the newest key, nothing lost beside a running server, and what cannot be read named."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from channels_ingest import spool
from channels_ingest.models import Connection, MetaCredential
from channels_ingest.services_connect import connection_connect, meta_credential_add
from channels_ingest.services_keys import keys_rotate
from channels_ingest.spool import Kept
from saifa_crm.tests.threads import together

from .posts import LINE_BOT, connect

NEW = Fernet.generate_key().decode()
NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path


def rotate() -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("rotate_keys", stdout=out)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.django_db
def test_the_old_key_can_go(settings: Any) -> None:
    channel = connect("line", LINE_BOT)
    meta_credential_add(kind="app_secret", value="meta's")
    mark = MetaCredential.objects.get().fingerprint
    spool.spool_append(Kept("line", b"{}", NOW, channel.pk))
    settings.FIELD_ENCRYPTION_KEYS = [NEW, *settings.FIELD_ENCRYPTION_KEYS]
    code, said = rotate()
    assert code == 0
    assert "channels_ingest.Connection.secrets: 1 encrypted anew, 0 already\n" in said
    assert "spool: 1 encrypted anew" in said
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert (Connection.objects.get().secrets, Connection.objects.get().token) == (["line-secret"], "token")
    assert (MetaCredential.objects.get().value, MetaCredential.objects.get().fingerprint) == ("meta's", mark)
    assert [spool.spool_read(name) for name in spool.waiting()] == [Kept("line", b"{}", NOW, channel.pk)]
    code, said = rotate()
    assert (code, said.count(": 0 encrypted anew")) == (0, said.count("\n"))


@pytest.mark.django_db
def test_what_no_key_decrypts_is_named_and_left_alone(settings: Any, tmp_path: Path) -> None:
    """One row and one file; the rest goes on."""
    lost, sound = connect("line", LINE_BOT).connection, connect("line", "U" + "e" * 32).connection
    spool.spool_append(Kept("line", b"{}", NOW))
    (name,) = spool.waiting()
    (tmp_path / name).write_bytes(b"gAAAAAlost")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE channels_ingest_connection SET token = 'gAAAAAlost' WHERE id = %s", [lost.pk])
    settings.FIELD_ENCRYPTION_KEYS = [NEW, *settings.FIELD_ENCRYPTION_KEYS]
    code, said = rotate()
    assert code == 1
    assert f"channels_ingest.Connection.token: no key decrypts {lost.pk}\n" in said
    assert f"spool: no key decrypts {name}\n" in said
    assert "lost" not in said
    assert (tmp_path / name).read_bytes() == b"gAAAAAlost"
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM channels_ingest_connection WHERE id = %s", [lost.pk])
        assert cursor.fetchone() == ("gAAAAAlost",)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert Connection.objects.get(pk=sound.pk).token == "token"


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_changes_meanwhile_is_not_lost(settings: Any) -> None:
    numbers = range(10, 16)
    for number in numbers:
        connection_connect(platform="line", external_id=f"U{number}", name="", secret="old", token="old")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, *settings.FIELD_ENCRYPTION_KEYS]

    def change() -> None:
        for number in numbers:
            connection_connect(platform="line", external_id=f"U{number}", name="", secret="new", token="new")

    assert together(change, lambda: list(keys_rotate()), lambda: list(keys_rotate())) == []
    list(keys_rotate())
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert {(tuple(one.secrets), one.token) for one in Connection.objects.all()} == {(("new", "old"), "new")}


@pytest.mark.django_db
def test_statements_grow_with_batches_not_with_rows(settings: Any, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        connect("line", f"U{number}")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, *settings.FIELD_ENCRYPTION_KEYS]
    # Three columns: rows, update, no rows, and two savepoints around each batch.
    with django_assert_max_num_queries(3 * 7):
        list(keys_rotate())
