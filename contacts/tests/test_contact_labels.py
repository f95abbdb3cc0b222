"""Labels on a contact: differences, never whole sets, so that two at once lose nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import Contact, ContactLabel
from contacts.services import contact_labels_change
from labels.models import Label
from saifa_crm.tests.threads import together

from .factories import make_contact, make_label

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def names(contact: Contact) -> set[str]:
    return set(ContactLabel.objects.filter(contact=contact).values_list("label__name", flat=True))


def tick(client: Client, contact: Contact, had: Iterable[Label | str], ticked: Iterable[Label | str]) -> int:
    sent = {
        key: [str(one.pk) if isinstance(one, Label) else one for one in chosen]
        for key, chosen in (("had", had), ("label", ticked))
    }
    return client.post(f"/contacts/{contact.pk}/labels/", sent).status_code


def test_added_and_removed_are_noted(agent_client: Client, agent: User) -> None:
    old, new = make_label("เก่า"), make_label("ใหม่")
    contact = make_contact(labels=[old])
    assert tick(agent_client, contact, [old], [new]) == 302
    assert names(contact) == {"ใหม่"}
    contact.refresh_from_db()
    assert contact.label_ids == [new.pk]
    assert {(line.verb, line.before, line.after, line.actor) for line in contact.activities.all()} == {
        ("label_removed", "เก่า", "", agent),
        ("label_added", "", "ใหม่", agent),
    }


def test_htmx_answers_the_panel_with_the_new_label(agent_client: Client) -> None:
    label, contact = make_label("Wholesale"), make_contact()
    response = agent_client.post(f"/contacts/{contact.pk}/labels/", {"label": label.pk}, headers=HTMX)
    assert response.headers["HX-Trigger"] == "contactChanged"
    assert "Wholesale" in response.content.decode()


def test_two_staff_with_old_pages_lose_nothing(agent_client: Client, owner_client: Client) -> None:
    kept, one, two, gone = (make_label(name) for name in ("kept", "one", "two", "gone"))
    contact = make_contact(labels=[kept, gone])
    tick(agent_client, contact, [kept, gone], [kept, gone, one])
    tick(owner_client, contact, [kept, gone], [kept, two])  # opened before `one` was there
    assert names(contact) == {"kept", "one", "two"}
    tick(agent_client, contact, [kept, gone], [kept, gone])  # an old page does not bring `gone` back
    assert names(contact) == {"kept", "one", "two"}


@pytest.mark.django_db(transaction=True)
def test_many_staff_at_the_very_same_moment(agent: User) -> None:
    contact, labels = make_contact(), [make_label() for _ in range(6)]

    def add(label: Label) -> None:
        contact_labels_change(contact_id=contact.pk, actor=agent, add={label.pk, labels[0].pk})

    assert together(*(partial(add, label) for label in labels)) == []
    contact.refresh_from_db()
    assert names(contact) == {label.name for label in labels}
    assert sorted(contact.label_ids) == [label.pk for label in labels]
    assert contact.activities.count() == 6


def test_archived_is_kept_and_removed_but_never_added(agent_client: Client) -> None:
    archived = make_label("Archived one", archived=True)
    without, having = make_contact(), make_contact(labels=[archived])
    path = "/contacts/{}/panel/?tab=labels"
    assert "Archived one" not in agent_client.get(path.format(without.pk)).content.decode()
    assert "Archived one" in agent_client.get(path.format(having.pk)).content.decode()
    tick(agent_client, without, [], [archived])
    assert names(without) == set()
    assert not without.activities.exists()
    tick(agent_client, having, [archived], [])
    assert names(having) == set()


@pytest.mark.parametrize("hostile", ["", "x", "-1", "0", "9" * 40, "๑", "1;drop", "²", "999999999"])
def test_hostile_ids_change_nothing(agent_client: Client, hostile: str) -> None:
    label = make_label("kept")
    contact = make_contact(labels=[label])
    assert tick(agent_client, contact, [hostile], [hostile + hostile]) == 302
    assert tick(agent_client, contact, [], [hostile]) == 302
    assert names(contact) - {"kept"} == set()
    assert label.name in names(contact)


@pytest.mark.parametrize("role", ["marketer_client", "owner_client"])
def test_marketer_and_owner_create_in_place(request: pytest.FixtureRequest, role: str) -> None:
    client, contact = request.getfixturevalue(role), make_contact()
    assert "Create and add" in client.get(f"/contacts/{contact.pk}/?tab=labels").content.decode()
    url = f"/contacts/{contact.pk}/labels/new/"
    assert client.post(url, {"name": "ลูกค้าประจำ", "colour": "rose"}).status_code == 302
    assert names(contact) == {"ลูกค้าประจำ"}
    assert [line.verb for line in contact.activities.all()] == ["label_added"]
    for headers, status in ((None, 422), (HTMX, 200)):
        again = client.post(url, {"name": "ลูกค้าประจำ", "colour": "rose"}, headers=headers)
        assert again.status_code == status
        assert "exists already" in again.content.decode()
        assert 'value="ลูกค้าประจำ"' in again.content.decode()


def test_agent_does_not_create(agent_client: Client) -> None:
    contact = make_contact()
    assert "Create and add" not in agent_client.get(f"/contacts/{contact.pk}/?tab=labels").content.decode()
    assert agent_client.post(f"/contacts/{contact.pk}/labels/new/", {"name": "x", "colour": "rose"}).status_code == 403
    assert not Label.objects.exists()


def test_creating_keeps_the_ticks_that_were_not_saved(marketer_client: Client) -> None:
    had, wanted = make_label("COD"), make_label("Wholesale")
    contact = make_contact(labels=[had])
    sent = {"name": "cod", "colour": "rose", "had": [had.pk], "label": [wanted.pk]}
    url = f"/contacts/{contact.pk}/labels/new/"
    refused = marketer_client.post(url, sent, headers=HTMX).content.decode()
    assert f'name="label" value="{wanted.pk}" checked' in refused
    assert f'name="label" value="{had.pk}" checked' not in refused
    assert names(contact) == {"COD"}
    marketer_client.post(url, {**sent, "name": "Gift"}, headers=HTMX)
    assert names(contact) == {"Wholesale", "Gift"}
