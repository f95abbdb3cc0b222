"""Labels on a contact: additions and removals, so that two people who change different labels lose nothing."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction

from contacts.models import Activity, Contact, ContactLabel
from labels.models import Label


@transaction.atomic
def contact_labels_change(
    *, contact_id: int, actor: User, add: Collection[int] = (), remove: Collection[int] = ()
) -> None:
    """Add and remove labels by id; what is already so, unknown or archived (for adding) changes nothing.

    Raises Contact.DoesNotExist.
    """
    contact = Contact.objects.select_for_update(no_key=True).get(pk=contact_id)
    has = set(ContactLabel.objects.filter(contact=contact).values_list("label_id", flat=True))
    adding = list(Label.objects.filter(pk__in=set(add) - has, archived=False))
    removing = list(Label.objects.filter(pk__in=set(remove) & has))
    if removing:
        ContactLabel.objects.filter(contact=contact, label__in=removing).delete()
    if adding:
        ContactLabel.objects.bulk_create([ContactLabel(contact=contact, label=label) for label in adding])
    Activity.objects.bulk_create(
        [
            *(Activity(contact=contact, actor=actor, verb="label_removed", before=label.name) for label in removing),
            *(Activity(contact=contact, actor=actor, verb="label_added", after=label.name) for label in adding),
        ]
    )
