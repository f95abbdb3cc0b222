"""The secrets a process holds: read seldom, renewed in time, some of them even when others cannot be read."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_ingest import secret_store
from channels_ingest.encryption import fingerprint
from channels_ingest.models import Connection, MetaCredential
from channels_ingest.secret_store import SECOND_LOOKS, SecretStore, store
from channels_ingest.services_connect import connection_connect, meta_credential_add
from inbox.models import Message
from saifa_crm.lib.circuit import circuit

from .outage import database_away, wait_for
from .posts import (
    APP_SECRET,
    LINE_BOT,
    PAGE,
    connect,
    line_body,
    line_event,
    page_body,
    page_item,
    post_line,
    post_meta,
)

pytestmark = pytest.mark.django_db
OTHER_BOT = "U" + "e" * 32


def break_secret(table: str, column: str, pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = 'gAAAAABroken' WHERE id = %s", [pk])  # noqa: S608


def test_posts_that_nobody_signed_cost_few_queries() -> None:
    channel = connect("line", LINE_BOT)
    connect("facebook", PAGE)
    store.current()
    began = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(15):
            assert Client().post("/webhooks/line/guessed/", b"{}", content_type="text/plain").status_code == 404
            assert post_line(channel, b"{}", secret="guessed").status_code == 403
            assert post_meta("facebook", b"{}", secret="guessed").status_code == 403
            assert Client().get("/webhooks/facebook/?hub.mode=subscribe&hub.verify_token=x").status_code == 403
    assert 0 < len(queries) <= 2 * (SECOND_LOOKS + 1 + time.monotonic() - began)  # two a look


def test_what_another_process_connected_works_within_a_second_even_under_a_flood() -> None:
    connect("facebook", PAGE)
    for _ in range(SECOND_LOOKS + 1):
        assert post_meta("facebook", b"{}", secret="guessed").status_code == 403
    MetaCredential.objects.create(kind="app_secret", value="second", fingerprint=fingerprint("second"))
    deadline = time.monotonic() + 1.5
    while post_meta("facebook", page_body(page_item("9", "m")), secret="second").status_code != 200:
        assert time.monotonic() < deadline
    assert Message.objects.count() == 1


def test_what_this_process_connected_works_at_once_even_under_a_flood() -> None:
    for _ in range(SECOND_LOOKS + 5):
        assert Client().post("/webhooks/line/guessed/", b"{}", content_type="text/plain").status_code == 404
    connected = connection_connect(platform="line", external_id=LINE_BOT, name="Saifa", secret="line-secret")
    assert post_line(connected.channel, line_body(line_event("U1", "1"))).status_code == 200


def test_a_row_that_no_key_decrypts_stops_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = connect("line", LINE_BOT), connect("line", OTHER_BOT)
    connect("facebook", PAGE)
    MetaCredential.objects.create(kind="app_secret", value="lost", fingerprint=fingerprint("lost"))
    break_secret("channels_ingest_connection", "secrets", broken.connection.pk)
    break_secret("channels_ingest_metacredential", "value", MetaCredential.objects.order_by("id").last().pk)  # type: ignore[union-attr]
    secret_store._said.clear()
    body = line_body(line_event("U1", "1"), destination=OTHER_BOT)
    for _ in range(2):
        store.forget()
        assert post_line(sound, body).status_code == 200
        assert post_line(broken, body).status_code == 404
        assert post_meta("facebook", page_body(page_item("9", "m"))).status_code == 200
    said = [record.getMessage() for record in caplog.records if record.name == "channels_ingest.secret_store"]
    assert len(said) == 2  # once a row
    assert f"Connection {broken.connection.pk}:" in "".join(said)
    assert "gAAAA" not in caplog.text


@pytest.mark.parametrize("secret", [APP_SECRET, "newer", "newest"])
def test_meta_secrets_are_valid_beside_each_other(secret: str) -> None:
    connect("facebook", PAGE)
    for value in ("newer", "newest"):
        meta_credential_add(kind="app_secret", value=value)
    assert post_meta("facebook", page_body(page_item("9", "m")), secret=secret).status_code == 200


def test_verify_tokens_are_valid_beside_each_other() -> None:
    for value in ("old", "new"):
        meta_credential_add(kind="verify_token", value=value)
    for value, status in (("old", 200), ("new", 200), ("other", 403)):
        query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": value}
        assert Client().get("/webhooks/instagram/", query).status_code == status


def test_line_keeps_the_two_newest() -> None:
    for secret in ("oldest", "old", "new"):
        connection_connect(platform="line", external_id=LINE_BOT, name="Saifa", secret=secret)
    channel = Connection.objects.get().channel
    answers = {
        secret: post_line(channel, line_body(line_event("U1", secret)), secret=secret).status_code
        for secret in ("oldest", "old", "new")
    }
    assert answers == {"oldest": 403, "old": 200, "new": 200}


def test_a_secret_stands_in_no_representation() -> None:
    connect("line", LINE_BOT)
    connect("facebook", PAGE)
    assert "secret-" not in repr(store.current()) and "-secret" not in repr(list(store.current().keyed.values()))


class TestEnding:
    """An owner ends an old one; the last of its kind stays."""

    def end(self, client: Client, credential: MetaCredential) -> None:
        assert client.post(f"/channels/credentials/{credential.pk}/end/").status_code == 302

    def test_an_old_app_secret(self, owner_client: Client) -> None:
        connect("facebook", PAGE)
        assert "Several Meta secrets" not in owner_client.get("/channels/").content.decode()
        meta_credential_add(kind="app_secret", value="newer")
        meta_credential_add(kind="verify_token", value="token")
        html = owner_client.get("/channels/").content.decode()
        assert "Several Meta secrets" in html
        assert html.count("/end/") == 2  # the verify token is alone
        assert "newer" not in html
        old = MetaCredential.objects.filter(kind="app_secret").earliest("pk")
        self.end(owner_client, old)
        assert post_meta("facebook", page_body(page_item("9", "m")), secret=APP_SECRET).status_code == 403
        assert post_meta("facebook", page_body(page_item("9", "m")), secret="newer").status_code == 200

    def test_the_last_stays(self, owner_client: Client) -> None:
        meta_credential_add(kind="app_secret", value="only")
        meta_credential_add(kind="verify_token", value="only")
        for credential in MetaCredential.objects.all():
            self.end(owner_client, credential)
        assert MetaCredential.objects.count() == 2


@pytest.mark.django_db(transaction=True)
class TestAway:
    """The database is away."""

    def test_an_old_snapshot_goes_on_serving(self, monkeypatch: pytest.MonkeyPatch) -> None:
        connect("line", LINE_BOT)
        here = SecretStore()
        held = here.current()
        monkeypatch.setattr(secret_store, "MAX_AGE", -1.0)
        with database_away():
            assert here.current() is held  # found out by trying
            assert circuit.is_open
            assert here.current() is held
            here.forget()
            assert here.current() is held
            with pytest.raises(OperationalError):
                here.fresh()
        assert here.current() is not held

    def test_a_handshake_is_answered_from_memory(self) -> None:
        meta_credential_add(kind="verify_token", value="let-me-in")
        store.current()
        query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "let-me-in"}
        with database_away():
            assert Client().get("/webhooks/facebook/", query).content == b"1"
            assert Client().get("/webhooks/facebook/", {**query, "hub.verify_token": "new?"}).status_code == 503

    def test_one_thread_reads_for_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        connect("line", LINE_BOT)
        here = SecretStore()
        found: list[secret_store.Snapshot] = []
        reads: list[int] = []
        came: list[int] = []
        load = secret_store._load

        def counted() -> secret_store.Snapshot:
            reads.append(1)
            wait_for(lambda: len(came) == 8)  # a slow read: the others come meanwhile
            return load()

        def read() -> None:
            came.append(1)
            found.append(here.current())
            connection.close()

        monkeypatch.setattr(secret_store, "_load", counted)
        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(reads) <= 2  # the second for those who came after the first had begun
        assert [len(one.keyed) for one in found] == [1] * 8
