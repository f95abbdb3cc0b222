"""The benchmark shop: true by the audit, the same at every load, and never in the way of a real shop's data."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.list_urls import MIX, Limit, list_addresses
from benchmarks.listing import MOST_STATEMENTS
from contacts.models import Channel, Contact, ContactLabel, Identity
from contacts.selectors.listing import contact_listing
from contacts.tests.factories import make_contact
from inbox.models import Conversation, Message
from orders.models import Order
from overview.benchmark_data import plan

pytestmark = pytest.mark.django_db(transaction=True)
CONTACTS = 2_000
LAST_DAY = "2026-11-15"
TABLES = (
    "contacts_contact", "contacts_identity", "contacts_contactlabel", "inbox_conversation", "inbox_message",
    "orders_order",
)  # fmt: skip


def seed(contacts: int = CONTACTS, *arguments: str) -> dict[str, str]:
    """What the command answers, by name."""
    out = StringIO()
    call_command(
        "seed_benchmark", "--contacts", str(contacts), "--until", LAST_DAY, *arguments, stdout=out, stderr=StringIO()
    )
    return dict(line.split(maxsplit=1) for line in out.getvalue().splitlines())


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def digests() -> list[str]:
    """Of every row of every table."""
    return [
        rows(f"SELECT md5(string_agg(t::text, E'\\n' ORDER BY t.id)) FROM (SELECT * FROM {table}) t")[0][0]  # noqa: S608
        for table in TABLES
    ]


def catalogue() -> list[tuple]:
    """Indexes, constraints and triggers, as the database has them."""
    return rows(
        """
        SELECT indexdef, '' FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conname, pg_get_constraintdef(oid) || convalidated FROM pg_constraint
        UNION ALL SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
        """
    )


def audit() -> str:
    out = StringIO()
    call_command("audit", stdout=out)
    return out.getvalue()


def test_everything_is_there_and_true() -> None:
    before = catalogue()
    answer = seed()
    counts = [model.objects.count() for model in (Contact, Identity, Message, Order, Channel)]  # type: ignore[attr-defined]
    assert counts == [CONTACTS, CONTACTS * 12 // 10, CONTACTS * 10, CONTACTS * 6 // 10, 20]
    assert {table: int(answer[table]) for table in TABLES} == {
        table: rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
        for table in TABLES
    }
    assert audit() == "Nothing differs.\n"
    assert catalogue() == before
    for contact in Contact.objects.all()[:300]:
        for field in Contact._meta.concrete_fields:
            if hasattr(field, "compute"):
                assert getattr(contact, field.attname) == field.compute(contact)


def test_it_looks_like_a_shop() -> None:
    seed()
    platforms = Counter(Identity.objects.values_list("channel__platform", flat=True))
    assert set(platforms) == {"line", "facebook", "instagram", "whatsapp", "telegram"}
    assert {name for name, _ in platforms.most_common(2)} == {"line", "facebook"}
    sizes = sorted(Counter(ContactLabel.objects.values_list("label", flat=True)).values(), reverse=True)
    assert 0.2 < sizes[0] / CONTACTS < 0.3
    assert sizes[-1] < sizes[0] / 20
    share = {
        "phone": Contact.objects.exclude(phone="").count(),
        "email": Contact.objects.exclude(email="").count(),
        "vip": Contact.objects.filter(user_type="vip").count(),
        "silent": Contact.objects.filter(latest_contact_at=None).count(),
        "Thai": Contact.objects.filter(name__regex="[ก-ฮ]").count(),
    }
    wanted = {"phone": 0.55, "email": 0.25, "vip": 0.03, "silent": 0.015, "Thai": 0.7}
    for name, part in share.items():
        assert part / CONTACTS == pytest.approx(wanted[name], rel=0.4), name
    newest = Message.objects.order_by("-sent_at")[0].sent_at
    assert newest < dt.datetime(2026, 11, 15, 17, tzinfo=dt.UTC)  # the next day in Bangkok
    assert Conversation.objects.filter(unread__gt=0).exists()


def test_the_same_again() -> None:
    """The same rows under the same numbers."""
    answer, first = seed(500), digests()
    again = seed(500, "--replace")
    assert again["digest"] == answer["digest"]
    assert digests() == first


def test_made_by_several_processes() -> None:
    answer = seed(plan.BATCH + 100)
    assert int(answer["contacts_identity"]) == (plan.BATCH + 100) * 12 // 10
    assert Contact.objects.order_by("-pk")[0].pk == plan.BATCH + 100
    assert audit() == "Nothing differs.\n"


def test_new_rows_come_after_it() -> None:
    seed(50)
    assert make_contact().pk == 51


def test_a_database_in_use_is_refused() -> None:
    contact = make_contact()
    for arguments in ((), ("--replace",)):
        with pytest.raises(CommandError):
            seed(50, *arguments)
    assert list(Contact.objects.all()) == [contact]
    assert not Channel.objects.filter(external_id__startswith="benchmark").exists()


def test_a_load_is_replaced_only_when_asked() -> None:
    seed(50)
    with pytest.raises(CommandError):
        seed(60)
    assert Contact.objects.count() == 50
    seed(60, "--replace")
    assert (Contact.objects.count(), Channel.objects.count()) == (60, 20)


def test_others_beside_it_stay() -> None:
    seed(50)
    person = make_contact()
    with pytest.raises(CommandError, match="no benchmark made"):
        seed(50, "--replace")
    person.delete()
    order = Order.objects.create(external_id="of nobody", total=1)
    with pytest.raises(CommandError, match="orders_order"):
        seed(50, "--replace")
    assert Order.objects.filter(pk=order.pk).exists()


def test_the_mix_of_addresses(owner_client: Client) -> None:
    seed()
    addresses = list_addresses()
    assert len({address.query for address in addresses}) == len(MIX) == 40
    assert Counter(address.limit for address in addresses)[Limit.SHORT] >= 3
    for address in addresses:
        assert contact_listing(QueryDict(address.query)).is_valid, address
        with CaptureQueriesContext(connection) as statements:
            assert owner_client.get(address.path).status_code == 200
        assert len(statements) <= MOST_STATEMENTS, address
