"""The number of contacts is that of the rows, whatever wrote or erased them."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from contacts.models import Contact, Tally
from contacts.selectors.listing import contact_total

from .factories import make_contact

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
    assert contact_total() == 5


@pytest.mark.django_db(transaction=True)
def test_a_truncated_table_is_empty() -> None:
    make_contact()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE contacts_contact CASCADE")
    assert contact_total() == 0
