"""The number of contacts of every kind is that of the rows, and their list entries are copies, whatever wrote them."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from contacts.audit import ENTRIES, TALLY
from contacts.models import Contact, ContactLabel, ListEntry, Tally, TallyTotal
from contacts.selectors.listing import contact_total

from .factories import make_channel, make_contact, make_identity, make_label

pytestmark = pytest.mark.django_db


def test_it_follows_every_way_of_writing() -> None:
    assert contact_total() == 0
    make_contact()
    Contact.objects.bulk_create([Contact(name=str(n)) for n in range(5)])
    assert contact_total() == 6
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO contacts_contact (name) SELECT 'raw' FROM generate_series(1, 4)")
        cursor.execute("INSERT INTO contacts_contact (name) SELECT 'none' WHERE false")
    assert contact_total() == Contact.objects.count() == 10
    Contact.objects.filter(name="raw").delete()
    assert contact_total() == 6
    with pytest.raises(ValueError), transaction.atomic():
        make_contact()
        raise ValueError
    assert contact_total() == 6


def test_many_changes_fold_into_one() -> None:
    for _ in range(5):
        make_contact()
    with connection.cursor() as cursor:
        cursor.execute("SELECT contacts_tally_fold()")
        assert list(Tally.objects.values_list("change", flat=True)) == [5]
        assert TallyTotal.objects.get().folded == contact_total() == 5
        Contact.objects.earliest("id").delete()
        make_contact("Ann", user_type="vip")
        make_contact("Ben", user_type="vip")
        assert contact_total() == 6
        cursor.execute("SELECT contacts_tally_fold()")
    assert TallyTotal.objects.get().folded == contact_total() == 6
    assert differences() == []


def differences() -> list[tuple]:
    with connection.cursor() as cursor:
        found = []
        for check in (TALLY, ENTRIES):
            cursor.execute(check.find)
            found += cursor.fetchall()
        return found


def test_kinds_and_entries_follow_every_change() -> None:
    line, facebook, label = make_channel(), make_channel("facebook"), make_label()
    one, two = make_contact("Ann", phone="+66812345678"), make_contact("Ben")
    identity = make_identity(one, line, username="ann")
    ContactLabel.objects.create(contact=two, label=label)
    assert differences() == []
    make_identity(two, facebook)
    identity.contact = two
    identity.save()
    Contact.objects.filter(pk=one.pk).update(user_type="vip", value=5, latest_contact_at="2026-01-01T00:00Z")
    one.refresh_from_db()
    one.name = "สมชาย"
    one.save()
    assert differences() == []
    assert ListEntry.objects.get(pk=one.pk).searched == " สมชาย\n 66812345678\n 0812345678\n  SMCY "
    assert ListEntry.objects.get(pk=two.pk).searched == " ben\n @ ann"
    with connection.cursor() as cursor:
        cursor.execute("SELECT contacts_tally_fold()")
        assert differences() == []
        two.delete()
        # A writer whose triggers all wait for the end of one statement.
        cursor.execute(
            """
            WITH made AS (INSERT INTO contacts_contact (name) VALUES ('Both') RETURNING id)
            INSERT INTO contacts_identity (contact_id, channel_id, external_id, scope, username)
            SELECT id, %s, 'both', '', 'both' FROM made
            """,
            [line.pk],
        )
        assert differences() == []
        assert not Tally.objects.filter(folded=False, change=0).exists()
        cursor.execute("SELECT contacts_tally_fold()")
        assert differences() == []
        cursor.execute("SELECT contacts_tally_recount()")
        assert differences() == []
        assert set(Tally.objects.values_list("folded", flat=True)) == {True}


@pytest.mark.django_db(transaction=True)
def test_a_truncated_table_is_empty() -> None:
    make_contact()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE contacts_contact CASCADE")
    assert contact_total() == 0
    assert not ListEntry.objects.exists()
