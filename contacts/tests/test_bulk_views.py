"""Bulk changes through the pages: counted, confirmed, watched, cancelled, undone, each by whom it belongs to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import BulkJob, BulkState, Contact, ContactLabel, UserType
from contacts.services.bulk import AT_ONCE, bulk_purge, bulk_work

from .factories import make_contact, make_label

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def counted(response: Any) -> int:
    found = re.search(r'data-counted="(\d+)"', response.content.decode())
    assert found
    return int(found[1])


def draft(client: Client, **data: Any) -> BulkJob:
    response = client.post("/contacts/bulk/", data)
    assert response.status_code == 302
    job = BulkJob.objects.latest("id")
    assert response.headers["Location"] == f"/contacts/bulk/{job.pk}/"
    return job


def many(number: int) -> None:
    Contact.objects.bulk_create(Contact(name=f"Customer {place:04}") for place in range(number))


def test_ticked_rows_without_javascript(agent_client: Client) -> None:
    label = make_label("COD")
    one, two, _three = make_contact(), make_contact(), make_contact()
    job = draft(agent_client, action="label_add", id=[one.pk, two.pk])
    page = agent_client.get(f"/contacts/bulk/{job.pk}/")
    assert counted(page) == 2
    assert "COD" in page.content.decode()
    agent_client.post(f"/contacts/bulk/{job.pk}/start/", {"choice": label.pk})
    assert set(ContactLabel.objects.values_list("contact_id", flat=True)) == {one.pk, two.pk}
    html = agent_client.get(f"/contacts/bulk/{job.pk}/").content.decode()
    assert "2 contacts changed" in html
    assert f"/contacts/bulk/{job.pk}/undo/" in html
    agent_client.post(f"/contacts/bulk/{job.pk}/undo/")
    assert not ContactLabel.objects.exists()


def test_all_that_match_not_just_the_page(marketer_client: Client) -> None:
    many(130)
    other = make_contact("somebody else")
    answer = marketer_client.post(
        "/contacts/bulk/", {"action": "vip_set", "all": "1", "query": "q=Customer", "ids": other.pk}, headers=HTMX
    )
    assert counted(answer) == 130
    job = BulkJob.objects.get()
    done = marketer_client.post(f"/contacts/bulk/{job.pk}/start/", headers=HTMX)
    assert done.headers["HX-Retarget"] == "#bulk-status"
    assert "contactChanged" in done.headers["HX-Trigger"]
    assert Contact.objects.filter(user_type=UserType.VIP).count() == 130
    other.refresh_from_db()
    assert not other.is_vip


def test_a_bad_filter_selects_nobody(agent_client: Client) -> None:
    many(3)
    agent_client.post("/contacts/bulk/", {"action": "vip_set", "all": "1", "query": "active_from=yesterday"})
    agent_client.post("/contacts/bulk/", {"action": "vip_set", "all": "1"})  # without the list it is of
    assert not BulkJob.objects.exists()
    answer = agent_client.post("/contacts/bulk/", {"action": "vip_set"}, headers=HTMX)
    assert "No contacts are selected" in answer.content.decode()


@pytest.mark.parametrize("ids", ["x", "-1", "๑", "9" * 40, "9" * 10, "0", ",,,", "1;2", "²"])
def test_hostile_ids(agent_client: Client, ids: str) -> None:
    assert agent_client.post("/contacts/bulk/", {"action": "vip_set", "ids": ids}).status_code == 302
    assert not Contact.objects.filter(user_type=UserType.VIP).exists()


def test_the_highest_ids_are_selected(agent_client: Client) -> None:
    Contact.objects.create(pk=2**31 - 1, name="the last one")
    assert draft(agent_client, action="vip_set", ids=f"{2**31 - 1},{2**31}").counted == 1


def test_a_label_must_be_chosen_and_must_exist(agent_client: Client) -> None:
    archived = make_label(archived=True)
    job = draft(agent_client, action="label_add", id=make_contact().pk)
    for sent in ({}, {"choice": "999999"}, {"choice": archived.pk}, {"choice": "x"}):
        response = agent_client.post(f"/contacts/bulk/{job.pk}/start/", sent)
        assert response.status_code == 422
    job.refresh_from_db()
    assert job.state == BulkState.DRAFT


def test_started_twice_is_applied_once(agent_client: Client) -> None:
    one, two = make_label(), make_label()
    job = draft(agent_client, action="label_add", id=make_contact().pk)
    for label in (one, two):
        assert agent_client.post(f"/contacts/bulk/{job.pk}/start/", {"choice": label.pk}).status_code == 302
    assert [row.label_id for row in ContactLabel.objects.all()] == [one.pk]


def test_a_large_one_runs_in_the_background_and_stops_when_told(agent_client: Client) -> None:
    many(AT_ONCE + 1)
    job = draft(agent_client, action="vip_set", all="1", query="")
    answer = agent_client.post(f"/contacts/bulk/{job.pk}/start/", headers=HTMX)
    assert 'hx-trigger="every 1s"' in answer.content.decode()
    assert not Contact.objects.filter(user_type=UserType.VIP).exists()
    assert f"0 of {AT_ONCE + 1}" in agent_client.get(f"/contacts/bulk/{job.pk}/", headers=HTMX).content.decode()
    stopped = agent_client.post(f"/contacts/bulk/{job.pk}/cancel/", headers=HTMX)
    assert "Stopped after 0 of 301" in stopped.content.decode()
    bulk_work(job_id=job.pk)
    assert not Contact.objects.filter(user_type=UserType.VIP).exists()


def test_an_undo_that_was_cancelled_can_go_on(agent_client: Client) -> None:
    many(AT_ONCE + 1)
    job = draft(agent_client, action="vip_set", all="1", query="")
    agent_client.post(f"/contacts/bulk/{job.pk}/start/")
    bulk_work(job_id=job.pk)
    agent_client.post(f"/contacts/bulk/{job.pk}/undo/")
    undo = BulkJob.objects.get(undo_of=job)
    line = agent_client.post(f"/contacts/bulk/{undo.pk}/cancel/", headers=HTMX).content.decode()
    assert "Go on undoing" in line
    assert f"/contacts/bulk/{job.pk}/undo/" in line
    with CaptureQueriesContext(connection) as queries:
        recent = agent_client.get("/contacts/bulk/").content.decode()
    assert sum("contacts_bulk" in query["sql"] for query in queries) == 1
    assert "Undone" not in recent
    assert recent.count(f"/contacts/bulk/{job.pk}/undo/") == 1
    agent_client.post(f"/contacts/bulk/{job.pk}/undo/")
    bulk_work(job_id=undo.pk)
    assert not Contact.objects.filter(user_type=UserType.VIP).exists()
    assert "Undone" in agent_client.get("/contacts/bulk/").content.decode()


def test_a_job_is_its_starters_alone(agent_client: Client, owner_client: Client, agent: User) -> None:
    job = draft(agent_client, action="vip_set", id=make_contact().pk)
    assert owner_client.get(f"/contacts/bulk/{job.pk}/").status_code == 404
    for what in ("start", "cancel", "undo"):
        assert owner_client.post(f"/contacts/bulk/{job.pk}/{what}/").status_code == 404
    job.refresh_from_db()
    assert job.state == BulkState.DRAFT


def test_what_was_changed_of_late_and_its_undo(agent_client: Client, owner_client: Client) -> None:
    assert "None yet" in agent_client.get("/contacts/bulk/").content.decode()
    contact = make_contact()
    draft(agent_client, action="vip_set", id=contact.pk)  # never confirmed
    jobs = [draft(agent_client, action=action, id=contact.pk) for action in ("vip_set", "vip_unset", "vip_set")]
    for job in jobs:
        agent_client.post(f"/contacts/bulk/{job.pk}/start/")
    agent_client.post(f"/contacts/bulk/{jobs[2].pk}/undo/")
    with CaptureQueriesContext(connection) as queries:
        html = agent_client.get("/contacts/bulk/").content.decode()
    assert sum("contacts_bulk" in query["sql"] for query in queries) == 1
    undos = [int(pk) for pk in re.findall(r'action="/contacts/bulk/(\d+)/undo/"', html)]
    assert undos == [jobs[1].pk, jobs[0].pk]
    assert html.count("1 contact changed") == 4
    assert html.count("Undone") == 1
    assert "1 contact changed" not in owner_client.get("/contacts/bulk/").content.decode()
    BulkJob.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert "None yet" in agent_client.get("/contacts/bulk/").content.decode()


def test_a_draft_that_is_gone_is_told(agent_client: Client) -> None:
    job = draft(agent_client, action="vip_set", id=make_contact().pk)
    BulkJob.objects.update(created_at=timezone.now() - timedelta(hours=2))
    bulk_purge()
    answer = agent_client.post(f"/contacts/bulk/{job.pk}/start/", headers=HTMX)
    assert "Select them again" in answer.content.decode()
    assert answer.headers["HX-Retarget"] == "#bulk-status"
    assert "bulkRefused" in answer.headers["HX-Trigger"]
    page = agent_client.post(f"/contacts/bulk/{job.pk}/start/", follow=True)
    assert page.redirect_chain == [("/contacts/", 302)]
    assert "Select them again" in page.content.decode()


def test_the_list_is_told_once(agent_client: Client) -> None:
    job = draft(agent_client, action="vip_set", id=make_contact().pk)
    started = agent_client.post(f"/contacts/bulk/{job.pk}/start/", headers=HTMX)
    assert "contactChanged" in started.headers["HX-Trigger"]
    assert "HX-Trigger" not in agent_client.get(f"/contacts/bulk/{job.pk}/?again", headers=HTMX).headers


def test_unknown_actions(agent_client: Client) -> None:
    assert agent_client.post("/contacts/bulk/", {"action": "delete", "id": make_contact().pk}).status_code == 404


def test_a_posted_change_needs_the_token(agent: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    assert client.post("/contacts/bulk/", {"action": "vip_set", "id": make_contact().pk}).status_code == 403
