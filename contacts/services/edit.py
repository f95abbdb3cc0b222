"""Changes that staff make to a contact; every one leaves an Activity, none overwrites another silently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction

from contacts.models import Activity, Contact, UserType
from contacts.names import placeholder_name
from saifa_crm.lib.people import full_name

from .profile import contact_name_refresh

FIELDS = ("name", "phone", "email", "address")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed this field since the form was opened: `theirs` is the value now, `who` did it, `at`."""

    theirs: str
    who: str
    at: dt.datetime | None = field(default=None, compare=False)


class EditConflict(Exception):
    """Nothing was saved. `conflicts` by field; `revision` and `current` are what a knowing save starts from."""

    def __init__(self, conflicts: Mapping[str, Conflict], revision: int, current: Mapping[str, str]) -> None:
        super().__init__("edited by somebody else meanwhile")
        self.conflicts = conflicts
        self.revision = revision
        self.current = current


def _values(contact: Contact) -> dict[str, str]:
    return {name: getattr(contact, name) for name in FIELDS}


@transaction.atomic
def contact_edit(
    *, contact_id: int, actor: User, base_revision: int, original: Mapping[str, str], changes: Mapping[str, str]
) -> Contact:
    """Save the fields of `changes` (normalised) that differ from `original`, the values the form was opened with.

    Fields that only somebody else changed keep their change. Fields both changed raise EditConflict. An empty name
    returns to the profile's. Raises Contact.DoesNotExist.
    """
    contact = Contact.objects.select_for_update(no_key=True).get(pk=contact_id)
    now = _values(contact)
    mine = {name: value for name, value in changes.items() if value != original.get(name, "")}
    if contact.revision != base_revision:
        differing = [name for name, value in mine.items() if now[name] not in (original.get(name, ""), value)]
        conflicts = {name: found for name in differing if (found := _conflict(contact, name))}
        if conflicts:
            raise EditConflict(conflicts, contact.revision, now)
    changed = {name: value for name, value in mine.items() if now[name] != value}
    if not changed:
        return contact
    for name, value in changed.items():
        setattr(contact, name, value)
    contact.revision += 1
    if "name" in changed:
        contact.name_is_manual = bool(changed["name"])
    contact.save(update_fields=[*FIELDS, "name_is_manual", "revision"])
    if "name" in changed and not changed["name"]:
        _return_to_profile_name(contact, now["name"])
    Activity.objects.bulk_create(
        [
            Activity(contact=contact, actor=actor, verb=name, before=now[name], after=getattr(contact, name))
            for name in changed
            if getattr(contact, name) != now[name]  # an emptied name may return to the same
        ]
    )
    return contact


def _return_to_profile_name(contact: Contact, before: str) -> None:
    contact_name_refresh(contact, note=False)
    if not contact.name:  # no platform ever told one
        first = contact.identities.select_related("channel").order_by("id").first()
        contact.name = placeholder_name(first.channel, first.external_id) if first else before
        contact.save(update_fields=["name"])


def _conflict(contact: Contact, name: str) -> Conflict | None:
    """Who made the field what it is now; None where a platform told the name: what a person types goes before that."""
    verbs = (name, "profile_name") if name == "name" else (name,)
    last = Activity.objects.filter(contact=contact, verb__in=verbs).select_related("actor").order_by("-id").first()
    if name == "name" and not contact.name_is_manual and (last is None or last.verb == "profile_name"):
        return None
    who = full_name(last.actor) if last else ""
    return Conflict(getattr(contact, name), who, last.at if last else None)


@transaction.atomic
def contact_set_vip(*, contact_id: int, actor: User, vip: bool) -> Contact:
    """Make the contact VIP or plain user; saying it twice changes nothing more."""
    contact = Contact.objects.select_for_update(no_key=True).get(pk=contact_id)
    wanted = UserType.VIP if vip else UserType.USER
    if contact.user_type != wanted:
        before = contact.user_type
        contact.user_type = wanted
        contact.save(update_fields=["user_type"])
        Activity.objects.create(contact=contact, actor=actor, verb="user_type", before=before, after=wanted)
    return contact
