"""Every write to labels."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from .models import Label, label_key


@transaction.atomic
def label_create(*, name: str, colour: str, description: str = "") -> Label:
    """A new label; the one that somebody else created at the same moment under the same name is answered instead."""
    try:
        with transaction.atomic():
            return Label.objects.create(name=name, colour=colour, description=description)
    except IntegrityError:
        return Label.objects.get(name_key=label_key(name))


def label_update(*, label_id: int, name: str, colour: str, description: str) -> Label:
    """Rename, recolour, describe. Raises Label.DoesNotExist, IntegrityError where the name was just taken."""
    with transaction.atomic():
        label = Label.objects.select_for_update().get(pk=label_id)
        label.name, label.colour, label.description = name, colour, description
        label.save()
    return label


def label_set_archived(*, label_id: int, archived: bool) -> None:
    """Take a label out of use, or bring it back; contacts keep it either way."""
    Label.objects.filter(pk=label_id).update(archived=archived)
