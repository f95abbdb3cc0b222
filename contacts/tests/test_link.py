"""Joining two contacts: everything moves, nothing is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from contacts.models import Activity, Contact, UserType
from contacts.services import contact_absorb
from inbox.models import Conversation, Message
from orders.models import Order, Status

from .factories import bangkok, make_channel, make_contact, make_identity, make_label

pytestmark = pytest.mark.django_db
EARLY, LATE = bangkok("2025-01-01 09:00"), bangkok("2026-11-20 12:00")


def test_everything_moves(agent: User) -> None:
    shared, only = make_label("shared"), make_label("only")
    kept = make_contact("Kept", labels=[shared], phone="+66812345678", first_contact_at=LATE, latest_contact_at=LATE)
    other = make_contact("Other", labels=[shared, only], phone="+66899999999", email="a@b.co", user_type=UserType.VIP,
                         first_contact_at=EARLY, latest_contact_at=EARLY)  # fmt: skip
    for number, contact in enumerate((kept, other)):
        identity = make_identity(contact, make_channel())
        conversation = Conversation.objects.create(identity=identity)
        Message.objects.create(conversation=conversation, direction="in", text=f"m{number}", sent_at=EARLY)
        Order.objects.create(
            contact=contact, external_id=f"o{number}", total=Decimal(100), status=Status.PAID, placed_at=LATE
        )
    Activity.objects.create(contact=other, actor=agent, verb="email", after="a@b.co")
    contact_absorb(contact_id=kept.pk, other_id=other.pk)

    assert not Contact.objects.filter(pk=other.pk).exists()
    kept.refresh_from_db()
    assert kept.identities.count() == 2
    assert sorted(kept.channel_ids) == sorted(kept.identities.values_list("channel_id", flat=True))
    assert set(Message.objects.filter(conversation__identity__contact=kept).values_list("text", flat=True)) == {
        "m0",
        "m1",
    }
    assert (kept.value, kept.order_count, kept.orders.count()) == (Decimal("200.00"), 2, 2)
    assert sorted(kept.label_ids) == sorted([shared.pk, only.pk])
    assert (kept.first_contact_at, kept.latest_contact_at) == (EARLY, LATE)
    assert (kept.phone, kept.email, kept.user_type) == ("+66812345678", "a@b.co", UserType.VIP)
    assert list(kept.activities.order_by("id").values_list("verb", flat=True)) == ["email", "linked"]


def test_a_typed_name_outlives_a_profiles() -> None:
    kept, other = make_contact("From profile"), make_contact("Typed", name_is_manual=True)
    make_identity(kept, make_channel(), profile_name="From profile")
    contact_absorb(contact_id=kept.pk, other_id=other.pk)
    kept.refresh_from_db()
    assert (kept.name, kept.name_is_manual) == ("Typed", True)


def test_of_two_typed_names_the_kept_contacts_stays() -> None:
    kept, other = make_contact("Mine", name_is_manual=True), make_contact("Typed", name_is_manual=True)
    contact_absorb(contact_id=kept.pk, other_id=other.pk)
    kept.refresh_from_db()
    assert kept.name == "Mine"


def test_never_written_takes_the_others_times() -> None:
    kept, other = make_contact(), make_contact(first_contact_at=EARLY, latest_contact_at=LATE)
    contact_absorb(contact_id=kept.pk, other_id=other.pk)
    kept.refresh_from_db()
    assert (kept.first_contact_at, kept.latest_contact_at) == (EARLY, LATE)


@pytest.mark.parametrize("gone", [0, 2_000_000_000])
def test_itself_or_nobody_changes_nothing(gone: int) -> None:
    kept = make_contact("Kept")
    contact_absorb(contact_id=kept.pk, other_id=gone or kept.pk)
    contact_absorb(contact_id=2_000_000_000, other_id=kept.pk)
    assert Contact.objects.get().name == "Kept"
    assert not Activity.objects.exists()
