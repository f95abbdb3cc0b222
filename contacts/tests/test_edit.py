"""Editing a contact: normalised, told in place what is wrong, never a silent overwrite."""

from __future__ import annotations

import html as entities
import re
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import Activity, Contact
from contacts.services import Conflict, EditConflict, ProfileFacts, contact_edit, profile_save
from orders.models import Order, Status
from saifa_crm.tests.threads import together

from .factories import bangkok, make_channel, make_contact, make_identity

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CONFLICT = "changed this to"
NOON = bangkok("2026-11-20 12:00")


def opened(client: Client, contact: Contact) -> dict[str, str]:
    """What the browser holds after opening the form."""
    return fields_of(client.get(f"/contacts/{contact.pk}/panel/?tab=edit"))


def fields_of(response: Any) -> dict[str, str]:
    """Names and values of the edit form in an answer."""
    form = re.split(r'hx-post="[^"]*/edit/"', response.content.decode())[1].partition("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrfmiddlewaretoken":
            found[name[1]] = entities.unescape(value[1]) if value else ""
    address = re.search(r"<textarea[^>]*>\r?\n?(.*?)</textarea>", form, re.S)
    return {**found, "address": entities.unescape(address[1]) if address else ""}


def save(client: Client, contact: Contact, fields: dict[str, str], **headers: str) -> Any:
    return client.post(f"/contacts/{contact.pk}/edit/", fields, headers=headers or None)


def test_phone_is_kept_as_e164_and_shown_national(agent_client: Client) -> None:
    contact = make_contact()
    response = save(agent_client, contact, {**opened(agent_client, contact), "phone": "๐๘๑ ๒๓๔ ๕๖๗๘"}, **HTMX)
    assert response.headers["HX-Trigger"] == "contactChanged"
    assert "081-234-5678" in response.content.decode()
    contact.refresh_from_db()
    assert (contact.phone, contact.phone_display) == ("+66812345678", "081-234-5678")
    assert opened(agent_client, contact)["phone"] == "081-234-5678"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("phone", "081-234-567", "This one has 9"),
        ("phone", "081234567890123", "too long"),
        ("phone", "call me <b>", "Type a phone number"),
        ("email", "nobody@", "valid email"),
        ("name", "x" * 256, "at most 255"),
    ],
)
def test_errors_stand_in_place_and_typed_text_stays(agent_client: Client, field: str, typed: str, words: str) -> None:
    contact = make_contact("Old", address="Here")
    sent = {**opened(agent_client, contact), "address": "New\nhome", field: typed}
    plain, swapped = save(agent_client, contact, sent), save(agent_client, contact, sent, **HTMX)
    assert (plain.status_code, swapped.status_code) == (422, 200)
    assert "HX-Trigger" not in swapped.headers
    for response in (plain, swapped):
        assert words in response.content.decode()
        kept = fields_of(response)
        assert kept["address"].replace("\r", "") == "New\nhome"
        assert kept[field] == typed
    contact.refresh_from_db()
    assert (contact.name, contact.address, contact.revision) == ("Old", "Here", 0)


@pytest.mark.parametrize("base", ["", "x", "a:b:c", "swapped", "other"])
def test_tampered_base_saves_nothing(agent_client: Client, base: str) -> None:
    contact, other = make_contact("One"), make_contact("Two")
    sent = {**opened(agent_client, contact), "name": "Three"}
    sent["base"] = {
        "swapped": sent["base"][::-1],
        "other": opened(agent_client, other)["base"],  # signed by us, for somebody else
    }.get(base, base)
    response = save(agent_client, contact, sent)
    assert response.status_code == 422
    assert "Nothing was saved" in response.content.decode()
    assert Contact.objects.get(pk=contact.pk).name == "One"


@pytest.mark.parametrize("emptied", ["", "\u200b", "\u3164 "])
def test_typed_name_outlives_profile_fetches_and_emptied_returns(agent_client: Client, emptied: str) -> None:
    contact = make_contact("LINE customer 7c2f")
    contact.identities.create(channel=make_channel(), external_id="Ua")
    identity = contact.identities.get()
    save(agent_client, contact, {**opened(agent_client, contact), "name": "  คุณนัท "})
    contact.refresh_from_db()
    assert (contact.name, contact.name_is_manual) == ("คุณนัท", True)
    profile_save(identity_id=identity.pk, facts=ProfileFacts("Nat on LINE"))
    contact.refresh_from_db()
    assert contact.name == "คุณนัท"
    save(agent_client, contact, {**opened(agent_client, contact), "name": emptied})
    contact.refresh_from_db()
    assert (contact.name, contact.name_is_manual) == ("Nat on LINE", False)
    assert list(Activity.objects.order_by("id").values_list("before", "after")) == [
        ("LINE customer 7c2f", "คุณนัท"),
        ("คุณนัท", "Nat on LINE"),
    ]


def test_emptied_name_without_a_profile_stays_and_notes_nothing(agent_client: Client) -> None:
    contact = make_contact("LINE customer 7c2f")
    save(agent_client, contact, {**opened(agent_client, contact), "name": ""})
    contact.refresh_from_db()
    assert (contact.name, contact.name_is_manual) == ("LINE customer 7c2f", False)
    assert not Activity.objects.exists()


def test_other_fields_leave_the_name_to_the_profile(agent_client: Client) -> None:
    contact = make_contact("From profile")
    save(agent_client, contact, {**opened(agent_client, contact), "email": "a@b.co"})
    contact.refresh_from_db()
    assert (contact.name_is_manual, contact.revision) == (False, 1)


def test_every_change_is_noted_with_its_author(agent_client: Client, agent: User) -> None:
    contact = make_contact("Old")
    new = {"name": "New", "phone": "0812345678", "email": "a@b.co", "address": "1\r\n2"}
    sent = {**opened(agent_client, contact), **new}
    save(agent_client, contact, sent)
    assert {(line.verb, line.before, line.after, line.actor) for line in contact.activities.all()} == {
        ("name", "Old", "New", agent),
        ("phone", "", "+66812345678", agent),
        ("email", "", "a@b.co", agent),
        ("address", "", "1\n2", agent),
    }
    save(agent_client, contact, opened(agent_client, contact))
    assert contact.activities.count() == 4


def test_two_editors_of_different_fields_merge(agent_client: Client, owner_client: Client) -> None:
    contact = make_contact("Old")
    mine, theirs = opened(agent_client, contact), opened(owner_client, contact)
    assert save(owner_client, contact, {**theirs, "phone": "0812345678"}).status_code == 302
    assert save(agent_client, contact, {**mine, "email": "a@b.co"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.phone, contact.email) == ("+66812345678", "a@b.co")


def test_the_same_field_conflicts_and_saving_again_overwrites_it_alone(
    agent_client: Client, owner_client: Client, owner: User
) -> None:
    owner.first_name = "Pim"
    owner.save()
    contact = make_contact("Old", phone="+66812345678")
    mine, theirs = opened(agent_client, contact), opened(owner_client, contact)
    save(owner_client, contact, {**theirs, "name": "Theirs", "phone": "089 999 9999"})
    conflict = save(agent_client, contact, {**mine, "name": "Mine"})
    assert conflict.status_code == 422
    assert f"Pim {CONFLICT} “Theirs”" in conflict.content.decode()
    assert Contact.objects.get(pk=contact.pk).name == "Theirs"
    again = fields_of(conflict)
    assert (again["name"], again["phone"]) == ("Mine", "089-999-9999")
    assert save(agent_client, contact, again).status_code == 302
    contact.refresh_from_db()
    # The phone was theirs alone: the second save must not bring the old one back.
    assert (contact.name, contact.phone) == ("Mine", "+66899999999")
    last = contact.activities.order_by("-id")[0]
    assert (last.verb, last.before, last.after) == ("name", "Theirs", "Mine")


def test_the_same_value_twice_is_no_conflict(agent_client: Client, owner_client: Client) -> None:
    contact = make_contact("Old")
    mine = opened(agent_client, contact)
    save(owner_client, contact, {**mine, "name": "New"})
    assert save(agent_client, contact, {**mine, "name": "New"}).status_code == 302
    assert contact.activities.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_the_very_same_moment(agent: User, owner: User) -> None:
    contact = make_contact("Old")
    results: list[str | Conflict] = []

    def edit(actor: User, name: str) -> None:
        try:
            contact_edit(
                contact_id=contact.pk,
                actor=actor,
                base_revision=0,
                original={"name": "Old", "phone": "", "email": "", "address": ""},
                changes={"name": name},
            )
            results.append(name)
        except EditConflict as error:
            results.append(error.conflicts["name"])

    assert together(partial(edit, agent, "agent's"), partial(edit, owner, "owner's")) == []
    contact.refresh_from_db()
    who = contact.name.removesuffix("'s")
    assert contact.revision == 1
    assert len(results) == 2
    assert contact.name in results
    assert Conflict(theirs=contact.name, who=who) in results


def test_stale_save_does_not_undo_what_triggers_keep() -> None:
    contact = make_contact()
    stale = Contact.objects.get(pk=contact.pk)
    Order.objects.create(contact=contact, external_id="o1", total=Decimal(150), status=Status.PAID, placed_at=NOON)
    stale.name = "Renamed"
    stale.save()
    contact.refresh_from_db()
    assert (contact.name, contact.value, contact.order_count) == ("Renamed", Decimal("150.00"), 1)


def test_emptied_name_without_a_profile_is_the_placeholder_again(agent: User) -> None:
    contact = make_contact("คุณแนน", name_is_manual=True)
    make_identity(contact, make_channel("line"), external_id="U" + "7c2f" * 8, profile_name="")
    contact_edit(contact_id=contact.pk, actor=agent, base_revision=0, original={"name": "คุณแนน"}, changes={"name": ""})
    contact.refresh_from_db()
    assert (contact.name, contact.name_is_manual) == ("LINE customer 7c2f", False)
