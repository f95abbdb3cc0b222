"""Chats assigned in bulk: by whom it is allowed, all chats of a contact, noted once a contact."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import Activity, BulkJob, Contact
from contacts.services.bulk import bulk_chunk, bulk_confirm, bulk_draft
from inbox.models import Conversation

from .factories import make_conversation

pytestmark = pytest.mark.django_db


def assign(client: Client, to: int) -> BulkJob:
    client.post("/contacts/bulk/", {"action": "assign", "all": "1", "query": ""})
    job = BulkJob.objects.latest("id")
    client.post(f"/contacts/bulk/{job.pk}/start/", {"choice": to})
    job.refresh_from_db()
    return job


def test_every_chat_of_the_contacts(agent_client: Client, agent: User) -> None:
    first = make_conversation()
    second = make_conversation(contact=first.identity.contact)
    silent = Contact.objects.create(name="never wrote")
    job = assign(agent_client, agent.pk)
    assert {chat.assignee for chat in Conversation.objects.all()} == {agent}
    assert (job.counted, job.changed) == (2, 1)
    assert [(line.contact_id, line.verb, line.after) for line in Activity.objects.all()] == [
        (first.identity.contact_id, "assigned", "agent")
    ]
    assert not silent.activities.exists()
    assign(agent_client, 0)
    second.refresh_from_db()
    assert second.assignee is None
    assert Activity.objects.filter(verb="unassigned").count() == 1


def test_marketers_and_outsiders_are_not_assigned_and_do_not_assign(
    marketer_client: Client, agent_client: Client, marketer: User
) -> None:
    chat = make_conversation()
    assert "assign" not in marketer_client.get("/contacts/").content.decode().split('id="bulk"')[1].split("</form>")[0]
    assert marketer_client.post("/contacts/bulk/", {"action": "assign", "all": "1"}).status_code == 403
    assign(agent_client, marketer.pk)
    chat.refresh_from_db()
    assert chat.assignee is None


def test_a_person_who_left_meanwhile_gets_nothing(agent: User, owner: User) -> None:
    chat = make_conversation()
    job = bulk_draft(actor=owner, action="assign", contacts=Contact.objects.all())
    bulk_confirm(job_id=job.pk, choices=[agent.pk])
    User.objects.filter(pk=agent.pk).update(is_active=False)
    bulk_chunk(job_id=job.pk)
    chat.refresh_from_db()
    assert chat.assignee is None
