"""Small makers of contacts, channels, identities and labels for every app's tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from contacts.models import Channel, Contact, ContactLabel, Identity, Platform
from labels.models import Label

BANGKOK = ZoneInfo("Asia/Bangkok")
_numbers = count(1)


def bangkok(text: str) -> datetime:
    """A moment written as Bangkok's clock shows it: bangkok("2026-11-22 14:05")."""
    return datetime.fromisoformat(text).replace(tzinfo=BANGKOK)


def make_channel(platform: str = Platform.LINE, name: str = "Saifa Shop", **fields: Any) -> Channel:
    fields.setdefault("external_id", f"account-{next(_numbers)}")
    return Channel.objects.create(platform=platform, name=name, **fields)


def make_label(name: str = "", **fields: Any) -> Label:
    return Label.objects.create(name=name or f"Label {next(_numbers)}", **fields)


def make_identity(contact: Contact, channel: Channel, **fields: Any) -> Identity:
    fields.setdefault("external_id", f"person-{next(_numbers)}")
    fields.setdefault("profile_name", contact.name)
    return Identity.objects.create(contact=contact, channel=channel, **fields)


def make_contact(
    name: str = "", *, channels: Iterable[Channel] = (), labels: Iterable[Label] = (), **fields: Any
) -> Contact:
    """A contact with identities and labels; its filter arrays are as the triggers left them."""
    contact = Contact.objects.create(name=name or f"Contact {next(_numbers)}", **fields)
    for channel in channels:
        make_identity(contact, channel)
    for label in labels:
        ContactLabel.objects.create(contact=contact, label=label)
    contact.refresh_from_db()
    return contact
