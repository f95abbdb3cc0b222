"""Joining two contacts that are one person: identities, labels and history move, nothing is lost."""

from __future__ import annotations

from django.db import transaction

from contacts.models import Activity, Contact, ContactLabel, Identity, UserType
from contacts.registry import absorber_locks, absorbers

from .edit import FIELDS
from .profile import contact_name_refresh

JOINED = ("first_contact_at", "latest_contact_at", "user_type", "name_is_manual", "revision")


@transaction.atomic
def contact_absorb(*, contact_id: int, other_id: int) -> None:
    """Move everything of `other_id` to `contact_id` and delete the empty one. Both are locked, in id order."""
    for lock in absorber_locks():
        lock()
    locked = {
        contact.pk: contact
        for contact in Contact.objects.select_for_update(no_key=True)
        .filter(pk__in=(contact_id, other_id))
        .order_by("pk")
    }
    if contact_id == other_id or len(locked) < 2:
        return
    contact, other = locked[contact_id], locked[other_id]
    for absorb in absorbers():
        absorb(contact_id, other_id)
    Identity.objects.filter(contact=other).update(contact=contact)
    kept = ContactLabel.objects.filter(contact=contact).values("label_id")
    ContactLabel.objects.filter(contact=other).exclude(label_id__in=kept).update(contact=contact)
    Activity.objects.filter(contact=other).update(contact=contact)
    firsts = [one.first_contact_at for one in (contact, other) if one.first_contact_at]
    latests = [one.latest_contact_at for one in (contact, other) if one.latest_contact_at]
    contact.refresh_from_db()
    contact.first_contact_at = min(firsts, default=None)
    contact.latest_contact_at = max(latests, default=None)
    contact.phone, contact.email, contact.address = (
        contact.phone or other.phone,
        contact.email or other.email,
        contact.address or other.address,
    )
    if other.is_vip:
        contact.user_type = UserType.VIP
    if other.name_is_manual and not contact.name_is_manual:  # what staff typed outlives a profile's name
        contact.name, contact.name_is_manual = other.name, True
    contact.revision += 1
    contact.save(update_fields=[*FIELDS, *JOINED])
    Activity.objects.create(contact=contact, verb="linked", before=other.name, after=contact.name)
    other.delete()
    contact_name_refresh(contact)
