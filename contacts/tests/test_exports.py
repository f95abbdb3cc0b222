"""Exports: what is chosen, the limits that bind stream and file alike, who sees what, the record that stays."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from contacts.exports import files
from contacts.exports.choice import ExportChoice
from contacts.models import Contact, ExportFormat, ExportJob, ExportPolicy
from contacts.report import KEYS
from contacts.services.export import TooManyExports, export_request, export_stream_start
from contacts.services.export_run import exports_expire

from .factories import make_channel, make_contact, make_label
from .pages import streamed

# A file's worker beats on a connection of its own, which sees what is committed only.
pytestmark = pytest.mark.django_db(transaction=True)
START = "/contacts/export/start/"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def ask(client: Client, **data: Any) -> ExportJob:
    """Ask for a file; the export as it stands after."""
    response = client.post(START, {"format": "csv", "way": "background", **data})
    assert response.status_code == 302, response.content
    return ExportJob.objects.get(pk=int(response["Location"].split("/")[-2]))


def file_of(client: Client, export: ExportJob) -> bytes:
    response = client.get(f"/contacts/exports/{export.pk}/file/")
    assert response.status_code == 200
    return streamed(response)


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_the_dialog_counts_what_the_list_counts(marketer_client: Client) -> None:
    label = make_label("VIP & more")
    for place in range(3):
        make_contact(labels=[label] if place else [], email="a@example.com" if place == 1 else "")
    page = marketer_client.get(f"/contacts/export/?label={label.pk}").content.decode()
    assert "Export all 2 contacts" in page
    assert "VIP &amp; more" in page
    assert "Name, phone and email of the 1 contact that has an email" in page


def test_a_small_csv_streams_with_the_columns_chosen(marketer_client: Client) -> None:
    make_contact("mint", phone="+66812345678", value=12)
    response = marketer_client.post(START, {"format": "csv", "col": ["value", "customer_name", "bogus"], "q": "mint"})
    assert response["Location"] == "/contacts/report.csv?q=mint&col=customer_name&col=value"
    body = streamed(marketer_client.get(response["Location"]))
    assert body.decode("utf-8-sig") == "Customer Name,Value\r\nmint,12.00\r\n"
    assert ExportJob.objects.get().columns == ["customer_name", "value"]


def test_the_columns_of_last_time_are_ticked_again(marketer_client: Client) -> None:
    make_contact("mint")
    ask(marketer_client, col=["email"])
    page = marketer_client.get("/contacts/export/").content.decode()
    assert page.count('name="col"') == len(KEYS)
    assert 'name="col" value="email" checked' in page
    assert 'name="col" value="customer_name" checked' not in page


def test_the_file_is_what_streams(marketer_client: Client) -> None:
    for name in ("ณัฐยา", "=1+1", 'say "hi"\nthere', "mint"):
        make_contact(name, channels=[make_channel()], labels=[make_label()], email="x@example.com")
    export = ask(marketer_client)
    assert (export.state, export.counted, export.rows) == ("done", 4, 4)
    body = file_of(marketer_client, export)
    assert body == streamed(marketer_client.get("/contacts/report.csv"))
    assert (export.sha256, export.size) == (hashlib.sha256(body).hexdigest(), len(body))


def test_addresses_for_mailing(marketer_client: Client) -> None:
    make_contact("with", email="w@example.com", phone="+66812345678")
    make_contact("without")
    export = ask(marketer_client, mailing="1", col=["value"])
    told = {"Customer Name": "with", "Phone Number": "081-234-5678", "Email": "w@example.com"}
    assert rows_of(file_of(marketer_client, export)) == [told]
    assert export.filters == [["Email", "Yes"]]
    assert rows_of(streamed(marketer_client.get("/contacts/report.csv?mailing=1"))) == [told]


def test_mailing_of_those_without_an_address_is_nobody(marketer_client: Client) -> None:
    make_contact("with", email="w@example.com")
    make_contact("without")
    assert marketer_client.post(START, {"mailing": "1", "has_email": "no"}).status_code == 422
    assert rows_of(streamed(marketer_client.get("/contacts/report.csv?mailing=1&has_email=no"))) == []


def dialog_fields(page: str) -> dict[str, str]:
    """What the dialog posts to say which contacts are meant."""
    form = page[page.index('action="/contacts/export/start/"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.partition("</form>")[0])
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_ticked_rows_and_no_others(marketer_client: Client) -> None:
    first, _second, third = (make_contact(name) for name in ("a", "b", "c"))
    ids = f"{third.pk},999999,x,"
    selection = {"ids": ids, "id": [str(first.pk)], "query": "q=b&page=2", "sort": "-name"}
    page = marketer_client.post("/contacts/export/", selection).content.decode()
    assert "Export 2 selected contacts" in page
    export = ask(marketer_client, **dialog_fields(page), way="now")
    assert [row["Customer Name"] for row in rows_of(file_of(marketer_client, export))] == ["c", "a"]
    assert export.filters == [["Selected contacts", "3"]]


def test_all_that_match_are_the_list_in_its_order(marketer_client: Client) -> None:
    for name in ("mint 1", "mint 2", "other"):
        make_contact(name)
    selection = {"ids": "1", "all": "1", "query": "q=mint", "sort": "-name"}
    page = marketer_client.post("/contacts/export/", selection).content.decode()
    assert "Export all 2 contacts" in page
    assert dialog_fields(page) == {"q": "mint", "sort": "-name"}
    refused = marketer_client.post("/contacts/export/", {"all": "1", "query": "label=0"})
    assert refused.status_code == 400


def test_the_bulk_bar_exports_for_those_who_may(marketer_client: Client, agent_client: Client) -> None:
    make_contact()
    button = 'formaction="/contacts/export/"'
    assert button in marketer_client.get("/contacts/").content.decode()
    assert button not in agent_client.get("/contacts/").content.decode()
    assert agent_client.post("/contacts/export/", {"all": "1"}).status_code == 403


def test_a_selection_is_bound_like_the_list(marketer_client: Client, settings: Any) -> None:
    settings.EXPORTS_PER_HOUR = 2
    ids = ",".join(str(make_contact().pk) for _place in range(2))
    assert ask(marketer_client, ids=ids).state == "done"
    ExportPolicy.objects.create(approval_above=1)
    assert ask(marketer_client, ids=ids).state == "waiting"
    assert marketer_client.post(START, {"ids": ids}).status_code == 429


def test_no_ticked_row_is_not_every_row(marketer_client: Client) -> None:
    make_contact("a")
    for ids in ("", "999999", "x"):
        assert marketer_client.post(START, {"ids": ids, "format": "csv"}).status_code == 422
    assert not ExportJob.objects.exists()


def test_too_many_ticked_rows_are_refused(marketer_client: Client) -> None:
    response = marketer_client.post(START, {"ids": ",".join(map(str, range(1, 10_002)))})
    assert response.status_code == 400
    assert "At most 10,000" in response.content.decode()


def test_a_bad_filter_is_refused(marketer_client: Client) -> None:
    for response in (marketer_client.get("/contacts/export/?label=0"), marketer_client.post(START, {"label": "0"})):
        assert response.status_code == 400
    assert not ExportJob.objects.exists()


def test_files_are_private(marketer_client: Client) -> None:
    make_contact()
    export = ask(marketer_client)
    path = files.path_of(export.stored_as)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not list((path.parent / files.INCOMING).iterdir())
    response = marketer_client.get(f"/contacts/exports/{export.pk}/file/")
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == f'attachment; filename="{export.file_name}"'


def test_others_see_nothing_and_owners_all(marketer_client: Client, owner_client: Client, agent_client: Client) -> None:
    make_contact()
    export = ask(marketer_client)
    other = Client()
    user = User.objects.create_user("other")
    user.groups.set(User.objects.get(username="marketer").groups.all())
    other.force_login(user)
    for what in ("", "file/", "manifest/"):
        assert owner_client.get(f"/contacts/exports/{export.pk}/{what}").status_code == 200
        assert other.get(f"/contacts/exports/{export.pk}/{what}").status_code == 404
        assert agent_client.get(f"/contacts/exports/{export.pk}/{what}").status_code == 403
    assert other.post(f"/contacts/exports/{export.pk}/cancel/").status_code == 404
    row = f'id="export-row-{export.pk}"'
    assert row in owner_client.get("/contacts/exports/").content.decode()
    assert row in marketer_client.get("/contacts/exports/").content.decode()
    assert row not in other.get("/contacts/exports/").content.decode()


def test_one_history_of_streams_and_files(marketer_client: Client) -> None:
    make_contact("mint")
    streamed(marketer_client.get("/contacts/report.csv?q=mint"))
    ask(marketer_client, q="mint")
    page = marketer_client.get("/contacts/exports/").content.decode()
    assert page.count('id="export-row-') == 2
    assert page.count("Search: mint") == 2
    assert "Downloaded" in page and "Ready" in page


def test_manifest(marketer_client: Client, marketer: User) -> None:
    label = make_label("Regulars")
    make_contact("mint", labels=[label])
    export = ask(marketer_client, label=str(label.pk), sort="-value", col=["customer_name", "value"])
    label.name = "Renamed since"
    label.save()
    response = marketer_client.get(
        f"/contacts/exports/{export.pk}/manifest/?format=json", headers={"Accept-Language": "th"}
    )
    told = json.loads(response.content)
    assert told["sha256"] == hashlib.sha256(file_of(marketer_client, export)).hexdigest()
    assert told["filters"] == [{"name": "Label", "value": "Regulars"}]
    assert told["columns"] == ["Customer Name", "Value"]
    assert (told["rows"], told["sort"], told["requested_by"]) == (1, "Value, highest first", "marketer")
    assert told["requested_at"].endswith("+07:00")
    page = marketer_client.get(f"/contacts/exports/{export.pk}/manifest/").content.decode()
    for text in (export.sha256, "Regulars", "Value, highest first", "Customer Name, Value"):
        assert text in page


# Limits


def test_the_hour_binds_streams_and_files(marketer_client: Client, owner_client: Client, settings: Any) -> None:
    settings.EXPORTS_PER_HOUR = 2
    make_contact()
    streamed(marketer_client.get("/contacts/report.csv"))
    ask(marketer_client)
    refused = marketer_client.get("/contacts/report.csv")
    assert refused.status_code == 429
    assert 3500 < int(refused["Retry-After"]) <= 3601
    assert "possible in 60 minutes" in refused.content.decode()
    for data in ({"format": "csv"}, {"format": "xlsx"}, {"format": "csv", "way": "background"}):
        assert marketer_client.post(START, data).status_code == 429
        assert marketer_client.post(START, data, headers={"HX-Request": "true"}).status_code == 429
    assert ExportJob.objects.count() == 2
    assert owner_client.get("/contacts/report.csv").status_code == 200  # each has their own hour
    ExportJob.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert marketer_client.get("/contacts/report.csv").status_code == 200


def test_two_at_once_are_not_both_the_last_of_the_hour(marketer: User, settings: Any) -> None:
    settings.EXPORTS_PER_HOUR = 1
    make_contact()
    together = threading.Barrier(2)

    def take(ask_for: Callable[[], object]) -> str:
        try:
            together.wait(20)
            ask_for()
        except TooManyExports:
            return "refused"
        finally:
            connection.close()
        return "made"

    ways = (
        partial(export_stream_start, actor=marketer, choice=ExportChoice(QueryDict(""))),
        partial(export_request, actor=marketer, choice=ExportChoice(QueryDict("")), format=ExportFormat.CSV),
    )
    with ThreadPoolExecutor(2) as pool:
        for _round in range(5):
            ExportJob.objects.all().delete()
            assert sorted(pool.map(take, ways)) == ["made", "refused"]
    assert ExportJob.objects.count() == 1


def test_approval_binds_streams_and_files(marketer_client: Client, owner_client: Client) -> None:
    ExportPolicy.objects.create(approval_above=1)
    make_contact("a")
    assert marketer_client.get("/contacts/report.csv").status_code == 200
    make_contact("b")
    refused = marketer_client.get("/contacts/report.csv")
    assert refused.status_code == 403
    assert 'href="/contacts/export/?"' in refused.content.decode()
    refused = marketer_client.get("/contacts/report.csv?sort=name&col=email")
    assert 'href="/contacts/export/?sort=name&amp;col=email"' in refused.content.decode()
    assert owner_client.get("/contacts/report.csv").status_code == 200
    assert "Ask for CSV" in marketer_client.get("/contacts/export/").content.decode()

    for data in ({"format": "xlsx"}, {"format": "csv", "way": "now"}):
        export = ask(marketer_client, **data)
        assert (export.state, export.stored_as) == ("waiting", "")
        assert marketer_client.get(f"/contacts/exports/{export.pk}/file/").status_code == 404
        assert marketer_client.post(f"/contacts/exports/{export.pk}/decide/", {"answer": "approve"}).status_code == 403
    assert "2 exports wait" in owner_client.get("/contacts/").content.decode()
    assert "exports wait" not in marketer_client.get("/contacts/").content.decode()


def test_an_owner_approves_or_declines(marketer_client: Client, owner_client: Client, owner: User) -> None:
    ExportPolicy.objects.create(approval_above=0)
    make_contact("a")
    approved, declined = ask(marketer_client), ask(marketer_client)
    owner_client.post(f"/contacts/exports/{approved.pk}/decide/", {"answer": "approve"})
    assert owner_client.post(f"/contacts/exports/{declined.pk}/decide/").status_code == 400
    owner_client.post(f"/contacts/exports/{declined.pk}/decide/", {"answer": "decline"})
    approved.refresh_from_db()
    declined.refresh_from_db()
    assert (approved.state, approved.decided_by, approved.rows) == ("done", owner, 1)
    assert (declined.state, declined.decided_by, declined.stored_as) == ("declined", owner, "")
    assert file_of(marketer_client, approved)
    assert "by owner" in marketer_client.get("/contacts/exports/").content.decode()
    owner_client.post(f"/contacts/exports/{declined.pk}/decide/", {"answer": "approve"})  # decided already
    declined.refresh_from_db()
    assert declined.state == "declined"


def test_what_was_approved_may_not_grow_much(marketer_client: Client, owner_client: Client) -> None:
    ExportPolicy.objects.create(approval_above=0)
    make_contact("a")
    export = ask(marketer_client)
    make_contact("b")
    owner_client.post(f"/contacts/exports/{export.pk}/decide/", {"answer": "approve"})
    export.refresh_from_db()
    assert (export.state, export.problem, export.stored_as) == ("failed", "grown", "")
    assert not files.stored()


def test_the_setting(owner_client: Client, marketer_client: Client) -> None:
    owner_client.post("/contacts/exports/settings/", {"approval_above": "5000"})
    assert ExportPolicy.objects.get().approval_above == 5000
    assert owner_client.post("/contacts/exports/settings/", {"approval_above": "-1"}).status_code == 422
    owner_client.post("/contacts/exports/settings/", {"approval_above": ""})
    assert ExportPolicy.objects.get().approval_above is None
    assert "Ask an owner above" not in marketer_client.get("/contacts/exports/").content.decode()


# The end of a file


def test_a_file_expires_and_its_record_stays(marketer_client: Client) -> None:
    make_contact()
    export = ask(marketer_client)
    kept = ask(marketer_client)
    assert export.expires_at and timedelta(hours=23) < export.expires_at - timezone.now() <= timedelta(hours=24)
    ExportJob.objects.filter(pk=export.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    path = files.path_of(export.stored_as)
    exports_expire()
    export.refresh_from_db()
    assert (export.state, path.exists()) == ("expired", False)
    assert len(export.sha256) == 64
    assert marketer_client.get(f"/contacts/exports/{export.pk}/file/").status_code == 404
    assert marketer_client.get(f"/contacts/exports/{export.pk}/manifest/").status_code == 200
    assert file_of(marketer_client, kept)


def test_a_file_past_its_day_is_gone_before_the_sweep(marketer_client: Client) -> None:
    make_contact()
    export = ask(marketer_client)
    ExportJob.objects.filter(pk=export.pk).update(expires_at=timezone.now())
    page = f"/contacts/exports/{export.pk}/"
    assert marketer_client.get(f"{page}file/").status_code == 404
    for shown in (page, "/contacts/exports/", f"{page}manifest/"):
        html = marketer_client.get(shown).content.decode()
        assert "Expired" in html
        assert "Ready" not in html and "The file is ready" not in html
        assert f"{page}file/" not in html
    assert marketer_client.get(f"{page}manifest/?format=json").json()["state"] == "expired"


def test_the_sweep_deletes_what_no_export_knows(marketer_client: Client, tmp_path: Path) -> None:
    make_contact()
    kept = ask(marketer_client)
    stray = files.folder() / f"{kept.pk + 1}-abc.csv"
    stray.write_text("left behind")
    exports_expire()
    assert set(files.stored()) == {kept.stored_as}


def test_requests_that_nobody_decides_end(marketer_client: Client) -> None:
    ExportPolicy.objects.create(approval_above=0)
    make_contact()
    export = ask(marketer_client)
    ExportJob.objects.update(created_at=timezone.now() - timedelta(days=8))
    exports_expire()
    export.refresh_from_db()
    assert (export.state, export.problem) == ("expired", "not_decided")


def lose_the_role(user: User) -> None:
    user.groups.clear()


def lose_the_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("lose", [lose_the_role, lose_the_account])
def test_a_person_who_lost_the_right_gets_no_file(
    marketer_client: Client, owner_client: Client, marketer: User, lose: Callable[[User], None]
) -> None:
    ExportPolicy.objects.create(approval_above=0)
    Contact.objects.create(name="a")
    export = ask(marketer_client)
    lose(marketer)
    owner_client.post(f"/contacts/exports/{export.pk}/decide/", {"answer": "approve"})
    export.refresh_from_db()
    assert (export.state, export.problem) == ("failed", "not_allowed")


def test_the_dialog_speaks_the_persons_language_and_the_record_english(marketer_client: Client) -> None:
    make_contact(phone="+66812345678")
    page = marketer_client.get("/contacts/export/?has_phone=yes", headers={"Accept-Language": "th"}).content.decode()
    assert "Has one" not in page
    assert "เบอร์โทร <b" in page
    marketer_client.get("/contacts/report.csv?has_phone=yes", headers={"Accept-Language": "th"})
    assert ExportJob.objects.get().filters == [["Phone Number", "Has one"]]


@pytest.mark.parametrize("bad", [{"way": "pigeon"}, {"format": "pdf"}, {"state": "lost"}])
def test_the_database_knows_no_other_exports(bad: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.create(**bad)
