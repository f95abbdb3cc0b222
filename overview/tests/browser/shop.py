"""A small shop for the browser: 45 contacts on two channels, labels, orders, one conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from contacts.models import Channel, Contact, ContactLabel, Identity, Platform
from contacts.tests.factories import make_channel, make_label
from inbox.models import Conversation
from inbox.tests.factories import make_message, minutes_ago
from labels.models import Label
from orders.models import Order, Status

SIZE = 45


@dataclass(frozen=True)
class Shop:
    line: Channel
    page: Channel
    repeat: Label
    cod: Label
    contacts: list[Contact]
    conversation: Conversation

    @property
    def first(self) -> Contact:
        """Top of the list: who wrote last."""
        return self.contacts[0]


def make_shop() -> Shop:
    """Every third contact is on LINE, the others on Facebook; every second has an order; every fourth a label."""
    line, page = make_channel(Platform.LINE, "Saifa Shop"), make_channel(Platform.FACEBOOK, "Saifa Beauty")
    repeat, cod = make_label("Repeat buyer", colour="green"), make_label("COD", colour="amber")
    now = timezone.now()
    contacts = Contact.objects.bulk_create(
        Contact(
            name=f"Customer {number:02}",
            phone=f"+6689{number:07}" if number % 5 == 1 else "",
            email=f"customer{number}@example.com" if number % 5 == 1 else "",
            first_contact_at=now - timedelta(days=90),
            latest_contact_at=now - timedelta(hours=number),
        )
        for number in range(1, SIZE + 1)
    )
    identities = Identity.objects.bulk_create(
        Identity(contact=c, channel=page if k % 3 else line, external_id=f"person-{k}", profile_name=c.name)
        for k, c in enumerate(contacts)
    )
    ContactLabel.objects.bulk_create(ContactLabel(contact=c, label=repeat) for c in contacts[::4])
    Order.objects.bulk_create(
        Order(
            contact=c,
            external_id=f"order-{k}",
            number=f"SF-{k:03}",
            status=Status.PAID,
            total=Decimal(100 * k + 50),
            placed_at=now - timedelta(days=k),
        )
        for k, c in enumerate(contacts)
        if k % 2
    )
    conversation = Conversation.objects.create(identity=identities[0])
    make_message(conversation, "Is the Glow set in stock?", at=minutes_ago(5))
    make_message(conversation, "สวัสดีค่ะ มีของไหมคะ", at=minutes_ago(4))
    return Shop(line, page, repeat, cod, list(Contact.objects.order_by("id")), conversation)
