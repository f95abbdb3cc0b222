"""What a platform told of a person, brought to identity and contact; never over what staff typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity, Contact, Identity, ProfileState
from contacts.names import placeholder_name

# Only these: follow state, times and scope belong to ingest and connecting.
PROFILE_FIELDS = (
    "profile_name", "username", "language", "picture_url", "picture", "profile_state", "profile_tries",
    "profile_fetched_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """A fetched profile; `picture` is the file name of the stored picture, empty for none."""

    name: str
    username: str = ""
    language: str = ""
    picture_url: str = ""
    picture: str = ""


@transaction.atomic
def profile_save(*, identity_id: int, facts: ProfileFacts) -> None:
    """Write the profile to the identity and, where staff have not named the person, to the contact."""
    contact = Contact.objects.select_for_update(no_key=True, of=("self",)).get(identities=identity_id)
    identity = Identity.objects.select_related("channel").get(pk=identity_id)  # under the lock, as ingest left it
    identity.profile_name = facts.name[:255]
    identity.username = facts.username[:255]
    identity.language = facts.language[:16]
    identity.picture_url = facts.picture_url
    if facts.picture:
        identity.picture = facts.picture
    identity.profile_state = ProfileState.FETCHED
    identity.profile_tries = 0
    identity.profile_fetched_at = timezone.now()
    identity.save(update_fields=PROFILE_FIELDS)
    contact_name_refresh(contact)


def contact_name_refresh(contact: Contact, *, note: bool = True) -> None:
    """Name and picture of the person's oldest identity that has one; `note` writes an Activity.

    The caller holds the contact's lock.
    """
    known = list(contact.identities.select_related("channel").order_by("id"))
    placeholders = {placeholder_name(identity.channel, identity.external_id) for identity in known}
    name = next((identity.profile_name for identity in known if identity.profile_name), "")
    picture = next((identity.picture for identity in known if identity.picture), "")
    url = reverse("contacts:picture", args=[picture]) if picture else ""
    before = contact.name
    if name and not contact.name_is_manual:
        contact.name = name
    if (contact.name, contact.picture_url) == (before, url):
        return
    contact.picture_url = url
    contact.save(update_fields=["name", "picture_url"])
    if note and contact.name != before and before not in placeholders:
        Activity.objects.create(contact=contact, verb="profile_name", before=before, after=contact.name)


def profile_unavailable(*, identity_id: int) -> None:
    """The platform will not tell this person's profile; not asked again."""
    Identity.objects.filter(pk=identity_id).update(profile_state=ProfileState.UNAVAILABLE)


def profiles_claim(*, limit: int, retry_in: dt.timedelta) -> list[int]:
    """Ids of identities whose profile is due, and put them off: a sweep does not queue the same ones every minute."""
    now = timezone.now()
    due = list(
        Identity.objects.filter(profile_state=ProfileState.PENDING, profile_next_at__lte=now)
        .order_by("profile_next_at")
        .values_list("pk", flat=True)[:limit]
    )
    Identity.objects.filter(pk__in=due).update(profile_next_at=now + retry_in)
    return due


def profile_postpone(*, identity_id: int, until: dt.datetime, counts: bool) -> None:
    """Try again at `until`; `counts` adds to the tries that the back-off grows with."""
    identity = Identity.objects.get(pk=identity_id)
    Identity.objects.filter(pk=identity_id).update(
        profile_next_at=until, profile_tries=min(identity.profile_tries + int(counts), 100)
    )
