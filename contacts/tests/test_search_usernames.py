"""People are found by the user name of any of their accounts, whichever way it came to be known or moved."""

from __future__ import annotations

from importlib import import_module
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from contacts.audit import USERNAMES
from contacts.models import Contact, Identity
from contacts.services import contact_absorb
from contacts.services.profile import ProfileFacts, profile_save
from contacts.services.profile_told import ToldProfile, profiles_told

from .factories import bangkok, make_channel, make_contact, make_identity
from .pages import ids_of

pytestmark = pytest.mark.django_db
MIGRATION = import_module("contacts.migrations.0010_search_keys")


def usernames(contact: Contact) -> list[str]:
    contact.refresh_from_db()
    return contact.usernames.split()


@pytest.mark.parametrize("words", ["nok.lights", "@nok.lights", "NOK.L", "k.light", "@nok", "ｎｏｋ．ｌｉ"])
def test_any_part_of_a_user_name(owner_client: Client, words: str) -> None:
    wanted = make_contact("ลูกค้า")
    make_identity(wanted, make_channel("instagram"), username="Nok.Lights")
    make_identity(make_contact("อีกคน"), make_channel("instagram"), username="nick_lights")
    assert ids_of(owner_client.get(f"/contacts/?q={quote(words)}")) == [wanted.pk]


def test_a_search_does_not_run_from_one_user_name_into_another(owner_client: Client) -> None:
    contact = make_contact("ลูกค้า")
    make_identity(contact, make_channel("instagram"), username="abc")
    make_identity(contact, make_channel("telegram"), username="xyz")
    assert ids_of(owner_client.get("/contacts/?q=cx")) == []
    assert ids_of(owner_client.get("/contacts/?q=c%0Ax")) == []


def test_where_a_user_name_begins_goes_before_its_middle(owner_client: Client) -> None:
    middle, begins = make_contact("ก", latest_contact_at=bangkok("2026-01-09 10:00")), make_contact("ข")
    make_identity(middle, make_channel("instagram"), username="the.nok")
    make_identity(begins, make_channel("instagram"), username="nok99")
    assert ids_of(owner_client.get("/contacts/?q=nok")) == [begins.pk, middle.pk]


def test_a_fetched_profile() -> None:
    contact = make_contact(channels=[make_channel("instagram")])
    identity = contact.identities.get()
    for name in ("first", "second", ""):
        profile_save(identity_id=identity.pk, facts=ProfileFacts("x", username=name))
        assert usernames(contact) == ([name] if name else [])


def test_a_told_profile() -> None:
    contact = make_contact(channels=[make_channel("telegram")])
    told = {contact.identities.get().pk: ToldProfile(bangkok("2026-01-09 10:00"), "มะลิ", username="Mali_W")}
    with transaction.atomic():
        profiles_told(told=told)
    assert usernames(contact) == ["mali_w"]


def test_a_join_moves_them_and_a_deleted_account_takes_its_own_away() -> None:
    contact, other = make_contact(), make_contact()
    make_identity(contact, make_channel("instagram"), username="b")
    moved = make_identity(other, make_channel("instagram"), username="a")
    make_identity(contact, make_channel("instagram"), username="B")
    contact_absorb(contact_id=contact.pk, other_id=other.pk)
    assert usernames(contact) == ["a", "b"]
    moved.delete()
    assert usernames(contact) == ["b"]


def test_raw_sql_moves_them_between_contacts() -> None:
    contact, other = make_contact(), make_contact()
    make_identity(contact, make_channel("instagram"), username="a")
    Identity.objects.update(contact=other)
    assert (usernames(contact), usernames(other)) == ([], ["a"])


def test_saving_a_stale_contact_keeps_them() -> None:
    stale = make_contact("ก่อน")
    make_identity(stale, make_channel("instagram"), username="a")
    stale.name = "หลัง"
    stale.save()
    assert usernames(stale) == ["a"]


def test_the_audit_sees_and_mends_what_differs() -> None:
    contact = make_contact()
    make_identity(contact, make_channel("instagram"), username="a")
    Contact.objects.update(usernames="\nz")
    with connection.cursor() as cursor:
        cursor.execute(USERNAMES.find)
        assert cursor.fetchall() == [(contact.pk, f"contact {contact.pk}", "\nz", "\na")]
        for statement in USERNAMES.repair:
            cursor.execute(statement, {"contacts": [contact.pk]})
        cursor.execute(USERNAMES.find)
        assert cursor.fetchall() == []


def test_the_migration_fills_what_was_there_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MIGRATION, "BATCH", 2)
    contacts = [make_contact(f"สมชาย {number}", phone="+66812345678") for number in range(5)]
    for contact in contacts[1:4]:
        make_identity(contact, make_channel("instagram"), username=f"user{contact.pk}")
    wanted = list(Contact.objects.order_by("pk").values_list("search_text", "usernames"))
    Contact.objects.update(search_text="old", usernames="")
    with connection.schema_editor(atomic=False) as editor:
        MIGRATION.fill(apps, editor)
    assert list(Contact.objects.order_by("pk").values_list("search_text", "usernames")) == wanted
    assert "SMCY" in wanted[0][0] and "user" in wanted[1][1]
