"""Names and numbers that come with the messages themselves (WhatsApp, Telegram), brought to identity and contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from contacts.fields import DerivedTextField
from contacts.models import Activity, Contact, Identity
from contacts.models.contact import DERIVED
from contacts.names import name_told, placeholder_name
from saifa_crm.lib.phones import PhoneError, normalise_phone


@dataclass(frozen=True, slots=True)
class ToldProfile:
    """What a message tells of its sender at an effective time; `name` empty: none, `phone`: digits or empty."""

    at: dt.datetime
    name: str = ""
    username: str = ""
    language: str = ""
    phone: str = ""


def profiles_told(*, told: Mapping[int, ToldProfile]) -> None:
    """Bring what was told to identities (by id) and their contacts; six statements at most, however many.

    Must run inside a transaction that holds the locks of the contacts. The newest name wins, whatever order it
    comes in (`profile_fetched_at` is when it was told, or asked for in vain: then any name is news). A contact's
    name changes only where staff typed none, its phone only where it is empty and staff never touched it. A told
    profile needs no fetching.
    """
    renamed = _identities_tell({key: one for key, one in told.items() if one.name})
    numbers = {key: phone for key, one in told.items() if (phone := _e164(one.phone))}
    if renamed or numbers:
        _contacts_follow(renamed, numbers)


def _identities_tell(named: Mapping[int, ToldProfile]) -> set[int]:
    """Write the profiles that are newer than what is known. Answers the contacts of those whose name changed."""
    if not named:
        return set()
    rows = list(named.values())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE contacts_identity i
            SET profile_name = v.name, username = v.username, language = v.language, profile_state = 'fetched',
                profile_tries = 0, profile_fetched_at = v.at
            FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
                AS v(id, name, username, language, at)
            JOIN contacts_identity known ON known.id = v.id
            WHERE i.id = v.id AND (v.at, v.name COLLATE "C", v.username COLLATE "C", v.language COLLATE "C")
                > (CASE WHEN i.profile_name = '' THEN '-infinity' ELSE coalesce(i.profile_fetched_at, '-infinity') END,
                   i.profile_name, i.username, i.language)
            RETURNING i.contact_id, known.profile_name <> v.name
            """,
            [
                list(named),
                [one.name[:255] for one in rows],
                [one.username[:255] for one in rows],
                [one.language[:16] for one in rows],
                [one.at for one in rows],
            ],
        )
        return {contact_id for contact_id, changed in cursor.fetchall() if changed}


def _e164(digits: str) -> str:
    """The number with its country code as a contact keeps it; empty where it is none."""
    try:
        return normalise_phone(f"+{digits}") if digits else ""
    except PhoneError:
        return ""


def _contacts_follow(renamed: Collection[int], numbers: Mapping[int, str]) -> None:
    """Name and phone of the contacts that may differ from what their identities say."""
    by_staff = Activity.objects.filter(contact=OuterRef("pk"), verb="phone", actor__isnull=False)
    numberless = Q(identities__in=list(numbers), phone="") & ~Exists(by_staff)
    contacts = Contact.objects.filter(Q(pk__in=renamed) | numberless).distinct().order_by("pk")
    changed: list[Contact] = []
    notes: list[Activity] = []
    for contact in contacts.prefetch_related("identities__channel"):
        known = sorted(contact.identities.all(), key=lambda identity: identity.pk)
        before = (contact.name, contact.phone)
        if contact.pk in renamed and not contact.name_is_manual:
            contact.name = name_told(known) or contact.name
        if not contact.phone:
            contact.phone = next((numbers[one.pk] for one in known if one.pk in numbers), "")
        if (contact.name, contact.phone) != before:
            changed.append(contact)
            notes += _notes(contact, before, known)
    if changed:
        _contacts_write(changed)
    if notes:
        Activity.objects.bulk_create(notes)


def _notes(contact: Contact, before: tuple[str, str], known: Iterable[Identity]) -> list[Activity]:
    """A first name in place of the placeholder is no change worth telling."""
    name, phone = before
    placeholders = {placeholder_name(identity.channel, identity.external_id) for identity in known}
    notes = []
    if contact.name != name and name not in placeholders:
        notes.append(Activity(contact=contact, verb="profile_name", before=name, after=contact.name))
    if contact.phone != phone:
        notes.append(Activity(contact=contact, verb="phone_told", after=contact.phone))
    return notes


def _contacts_write(contacts: Sequence[Contact]) -> None:
    """Name and phone with what derives from them, as Contact.save() would write it."""
    for contact in contacts:
        for name in DERIVED:
            cast("DerivedTextField[str, str]", Contact._meta.get_field(name)).pre_save(contact, add=False)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE contacts_contact c SET name = v.name, phone = v.phone, sort_name = v.sort_name,
                search_text = v.search_text, phone_display = v.phone_display
            FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
                AS v(id, name, phone, sort_name, search_text, phone_display)
            WHERE c.id = v.id
            """,
            [
                [contact.pk for contact in contacts],
                [contact.name for contact in contacts],
                [contact.phone for contact in contacts],
                [contact.sort_name for contact in contacts],
                [contact.search_text for contact in contacts],
                [contact.phone_display for contact in contacts],
            ],
        )
