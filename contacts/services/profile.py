"""What a platform told of a person, brought to identity and contact; never over what staff typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least, Now
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity, Contact, Identity, ProfileState
from contacts.names import name_told, placeholder_name
from contacts.pictures import picture_remove

# Only these: follow state, times and scope belong to ingest and connecting.
PROFILE_FIELDS = (
    "profile_name", "username", "language", "picture_url", "picture", "profile_state", "profile_tries",
    "profile_next_at", "profile_fetched_at",
)  # fmt: skip


STALE_AFTER = dt.timedelta(days=7)
SPREAD = dt.timedelta(minutes=45)  # profiles asked for anew are not asked for all at once
MOST_TRIES = 100


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """A fetched profile; `picture` is the file name of the stored picture, empty for none, None to keep what is."""

    name: str
    username: str = ""
    language: str = ""
    picture_url: str = ""
    picture: str | None = None


@transaction.atomic
def profile_save(*, identity_id: int, facts: ProfileFacts, again_in: dt.timedelta | None = None) -> None:
    """Write the profile to the identity and, where staff have not named the person, to the contact.

    `again_in`: ask once more after that time, because the picture could not be had.
    """
    contact = Contact.objects.select_for_update(no_key=True, of=("self",)).get(identities=identity_id)
    identity = Identity.objects.select_related("channel").get(pk=identity_id)  # under the lock, as ingest left it
    identity.profile_name = facts.name[:255]
    identity.username = facts.username[:255]
    identity.language = facts.language[:16]
    identity.picture_url = facts.picture_url
    if facts.picture is not None and facts.picture != identity.picture:
        if identity.picture:
            transaction.on_commit(partial(picture_remove, identity.picture), robust=True)
        identity.picture = facts.picture
    now = timezone.now()
    identity.profile_state = ProfileState.PENDING if again_in else ProfileState.FETCHED
    identity.profile_tries = identity.profile_tries + 1 if again_in else 0
    identity.profile_next_at = now + (again_in or dt.timedelta())
    identity.profile_fetched_at = now
    identity.save(update_fields=PROFILE_FIELDS)
    contact_name_refresh(contact)


def contact_name_refresh(contact: Contact, *, note: bool = True) -> None:
    """Name and picture of the person's oldest identity that has one; `note` writes an Activity.

    The caller holds the contact's lock.
    """
    known = list(contact.identities.select_related("channel").order_by("id"))
    placeholders = {placeholder_name(identity.channel, identity.external_id) for identity in known}
    name = name_told(known)
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


def profile_claim(*, identity_id: int, lease: dt.timedelta) -> bool:
    """Take one due profile, so that nobody else asks for it within the lease; a lost worker's becomes due after it."""
    due = Identity.objects.filter(pk=identity_id, profile_state=ProfileState.PENDING, profile_next_at__lte=Now())
    return bool(due.update(profile_next_at=Now() + Value(lease)))


def profile_unavailable(*, identity_id: int) -> None:
    """The platform will not tell this person's profile; asked again when they write much later (profiles_renew)."""
    Identity.objects.filter(pk=identity_id).update(
        profile_state=ProfileState.UNAVAILABLE, profile_fetched_at=Now(), profile_tries=_one_more()
    )


def profile_postpone(*, identity_id: int, wait: dt.timedelta, counts: bool) -> None:
    """Try again after `wait`; `counts` adds to the tries that the back-off grows with."""
    tries = _one_more() if counts else F("profile_tries")
    Identity.objects.filter(pk=identity_id, profile_state=ProfileState.PENDING).update(
        profile_next_at=Now() + Value(wait), profile_tries=tries
    )


def _one_more() -> Least:
    return Least(F("profile_tries") + 1, Value(MOST_TRIES))


@transaction.atomic
def profiles_due_now(*, channel_id: int) -> None:
    """Whatever a channel's profiles wait for is over: its token was confirmed, or the platform answers again.

    Rows that a delivery holds are left out: they wait their time, and no deadlock can come of it.
    """
    waiting = Identity.objects.filter(
        channel_id=channel_id, profile_state=ProfileState.PENDING, profile_next_at__gt=Now()
    ).select_for_update(skip_locked=True, no_key=True)
    Identity.objects.filter(pk__in=waiting.values("pk")).update(profile_next_at=Now())


def profiles_renew(*, seen_since: dt.datetime) -> int:
    """Make profiles due again that may have changed, of people seen or followed since; answers how many.

    A fetched one is stale after a week, once the person has written again. One that was not to be had is worth
    another call when they have written since: after an hour, 4, 16, and so on to 43 days (Instagram tells a profile
    only after the person wrote; a phone-only account never does). Who has just unblocked the account can be seen
    again. Reads contacts by `latest_contact_at` and identities by `follow_changed_at`, both indexed.
    """
    with database.cursor() as cursor:
        times: dict[str, Any] = {"since": seen_since, "stale": STALE_AFTER, "spread": SPREAD}
        cursor.execute(
            """
            UPDATE contacts_identity i
            SET profile_state = 'pending',
                profile_tries = CASE i.profile_state WHEN 'fetched' THEN 0 ELSE i.profile_tries END,
                profile_next_at = statement_timestamp() + random() * %(spread)s
            WHERE i.id IN (
                SELECT j.id FROM contacts_identity j
                WHERE j.id IN (
                    SELECT seen.id
                    FROM contacts_contact c JOIN contacts_identity seen ON seen.contact_id = c.id
                    WHERE c.latest_contact_at >= %(since)s
                        AND seen.last_seen_at > coalesce(seen.profile_fetched_at, '-infinity')
                        AND coalesce(seen.profile_fetched_at, '-infinity') < statement_timestamp() - CASE
                            WHEN seen.profile_state = 'fetched' THEN %(stale)s
                            ELSE interval '1 hour' * 4 ^ least(greatest(seen.profile_tries, 1) - 1, 5) END
                    UNION ALL
                    SELECT came.id FROM contacts_identity came
                    WHERE came.follow_changed_at >= %(since)s AND came.follow_state = 'following'
                        AND came.follow_changed_at > came.profile_fetched_at
                )
                AND j.profile_state <> 'pending'
                FOR NO KEY UPDATE SKIP LOCKED
            )
            """,
            times,
        )
        return int(cursor.rowcount)
