"""Contacts and identities of people seen on a channel: set-based, a constant number of statements."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from contacts.models import Channel, Contact, Identity
from contacts.names import placeholder_name

PersonKey = tuple[int, str]  # channel id, external id

# Locks of one delivery stay few however many people it brings.
LOCK_BUCKETS = 64


@dataclass(frozen=True, slots=True)
class Person:
    """An identity as ingest needs it."""

    identity_id: int
    contact_id: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Span of effective times in which a person interacted, in one delivery; `first` None moves the last only."""

    first: dt.datetime | None
    last: dt.datetime

    def __or__(self, other: Seen) -> Seen:
        firsts = [first for first in (self.first, other.first) if first is not None]
        return Seen(min(firsts, default=None), max(self.last, other.last))


def people_upsert(
    *, channels: Mapping[int, Channel], keys: Collection[PersonKey], known_only: Collection[PersonKey] = ()
) -> tuple[dict[PersonKey, Person], list[int]]:
    """Make sure that every (channel id, external id) has an identity and a contact, and lock the contacts.

    Must run inside a transaction. Answers the people by key, those of `known_only` where they exist already, and
    the ids of the identities that are new. A new identity joins the contact of one with the same external id in
    the same scope. Strangers of `known_only` are locked out of appearing until the commit, so that what is kept
    for them cannot be missed by their first message.
    """
    everyone = sorted({*keys, *known_only})
    people = _locked(everyone, all_or_none=True)
    if people or not everyone:
        return people, []
    strangers = sorted(set(everyone) - _known(everyone))
    _lock_scopes(channels, {channel_id for channel_id, _ in strangers})
    _lock_newcomers((channels[channel_id].scope, external_id) for channel_id, external_id in strangers)
    new = _create(channels, missing) if (missing := sorted(set(strangers) & set(keys))) else []
    return _locked(everyone, all_or_none=False), new


def _locked(keys: Sequence[PersonKey], *, all_or_none: bool) -> dict[PersonKey, Person]:
    """Who of these is known, contacts locked in id order (contacts_people_lock, migration 0006)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM contacts_people_lock(%s::integer[], %s::text[], %s)",
            [[key[0] for key in keys], [key[1] for key in keys], all_or_none],
        )
        return {(row[0], row[1]): Person(row[2], row[3]) for row in cursor.fetchall()}


def _known(keys: Sequence[PersonKey]) -> set[PersonKey]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.channel_id, i.external_id FROM unnest(%s::integer[], %s::text[]) AS k(channel_id, external_id)
            JOIN contacts_identity i ON i.channel_id = k.channel_id AND i.external_id = k.external_id
            """,
            [[key[0] for key in keys], [key[1] for key in keys]],
        )
        return set(cursor.fetchall())


def _lock_scopes(channels: Mapping[int, Channel], ids: Collection[int]) -> None:
    """Read the scopes again, to hold until the commit: a change of provider waits, or is seen (channel_rescope)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, scope FROM contacts_channel WHERE id = ANY(%s) ORDER BY id FOR SHARE", [sorted(ids)])
        for channel_id, scope in cursor.fetchall():
            channels[channel_id].scope = scope


def _lock_newcomers(people: Iterable[tuple[str, str]]) -> None:
    """Serialise the first messages of one person, siblings in the scope included, so that no contact is doubled."""
    buckets = set()
    for scope, external_id in people:
        digest = hashlib.blake2b(f"{scope}\n{external_id}".encode("utf-8", "replace"), digest_size=8).digest()
        buckets.add(int.from_bytes(digest[:4], "big") % LOCK_BUCKETS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('contacts.newcomer'), bucket)"
            " FROM (SELECT unnest(%s::integer[]) AS bucket) b",
            [sorted(buckets)],
        )


def _create(channels: Mapping[int, Channel], missing: Collection[PersonKey]) -> list[int]:
    """Identities for people who, now that the lock is held, still have none. Answers the new identities' ids."""
    scopes = [(channels[channel_id].scope, external_id) for channel_id, external_id in missing]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.scope, i.external_id, min(i.contact_id), array_agg(i.channel_id)
            FROM (SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) AS u(scope, external_id)) k
            JOIN contacts_identity i ON i.scope = k.scope AND i.external_id = k.external_id
            GROUP BY i.scope, i.external_id
            """,
            [[scope for scope, _ in scopes], [external_id for _, external_id in scopes]],
        )
        siblings = {(row[0], row[1]): (row[2], set(row[3])) for row in cursor.fetchall()}

    contact_of: dict[tuple[str, str], int] = {key: contact_id for key, (contact_id, _) in siblings.items()}
    wanted = [
        (channel_id, external_id)
        for channel_id, external_id in missing
        if channel_id not in siblings.get((channels[channel_id].scope, external_id), (0, set()))[1]
    ]
    names: dict[tuple[str, str], str] = {}
    for channel_id, external_id in wanted:
        key = (channels[channel_id].scope, external_id)
        if key not in contact_of:
            names.setdefault(key, placeholder_name(channels[channel_id], external_id))
    made = Contact.objects.bulk_create([Contact(name=name) for name in names.values()])
    contact_of.update(zip(names, (contact.pk for contact in made), strict=True))
    identities = Identity.objects.bulk_create(
        [
            Identity(
                channel_id=channel_id,
                external_id=external_id,
                scope=channels[channel_id].scope,
                contact_id=contact_of[channels[channel_id].scope, external_id],
            )
            for channel_id, external_id in wanted
        ]
    )
    return [identity.pk for identity in identities]


def interactions_roll_up(*, seen: Mapping[int, Seen]) -> None:
    """Widen first and latest contact of identities (by id) and their contacts; never narrows, never moves back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contacts_roll_up(%s::integer[], %s::timestamptz[], %s::timestamptz[])",
            [list(seen), [span.first for span in seen.values()], [span.last for span in seen.values()]],
        )


@dataclass(frozen=True, slots=True)
class FollowChange:
    """A person added (`following`) or blocked the account, at an effective time."""

    following: bool
    at: dt.datetime


def follows_apply(*, changes: Mapping[int, FollowChange]) -> None:
    """Set the follow state of identities (by id); an older change never overwrites a newer one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE contacts_identity i SET follow_state = v.state, follow_changed_at = v.at
            FROM unnest(%s::integer[], %s::text[], %s::timestamptz[]) AS v(id, state, at)
            WHERE i.id = v.id AND (i.follow_changed_at IS NULL OR i.follow_changed_at < v.at)
            """,
            [
                list(changes),
                ["following" if change.following else "blocked" for change in changes.values()],
                [change.at for change in changes.values()],
            ],
        )
