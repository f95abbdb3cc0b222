"""Ingest and the profile fetch beside other writers of the same contact."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from contacts.models import Channel, Contact, Identity
from contacts.services import (
    FollowChange,
    ProfileFacts,
    Seen,
    contact_absorb,
    follows_apply,
    interactions_roll_up,
    people_upsert,
    profile_save,
)

from .factories import bangkok, make_channel, make_contact, make_identity

pytestmark = pytest.mark.django_db(transaction=True)
LATE = bangkok("2026-11-20 12:00")


def in_thread(job: Callable[[], object]) -> threading.Thread:
    """The job with a database connection of its own."""

    def run() -> None:
        try:
            job()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def until_somebody_waits_for_a_lock() -> None:
    end = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone():
                return
    raise AssertionError("nobody waits")


def test_a_contact_joined_before_the_lock_keeps_the_message() -> None:
    kept, other = make_contact("Kept"), make_contact("Other")
    make_identity(kept, make_channel())
    identity = make_identity(other, make_channel())
    channel = Channel.objects.get(pk=identity.channel_id)
    locked = threading.Event()

    @transaction.atomic
    def join_slowly() -> None:
        contact_absorb(contact_id=kept.pk, other_id=other.pk)
        locked.set()
        until_somebody_waits_for_a_lock()

    thread = in_thread(join_slowly)
    assert locked.wait(20)
    with transaction.atomic():
        people, _ = people_upsert(channels={channel.pk: channel}, keys=[(channel.pk, identity.external_id)])
        interactions_roll_up(seen={identity.pk: Seen(LATE, LATE)})
    thread.join(30)
    assert [person.contact_id for person in people.values()] == [kept.pk]
    kept.refresh_from_db()
    assert kept.latest_contact_at == LATE
    assert not Contact.objects.filter(pk=other.pk).exists()


def test_a_profile_that_waits_for_ingest_does_not_undo_it() -> None:
    identity = make_identity(make_contact("Ann"), make_channel())
    locked = threading.Event()

    @transaction.atomic
    def ingest_a_block() -> None:
        Contact.objects.select_for_update(no_key=True).get(pk=identity.contact_id)
        follows_apply(changes={identity.pk: FollowChange(following=False, at=LATE)})
        Identity.objects.filter(pk=identity.pk).update(last_seen_at=LATE + dt.timedelta(minutes=1))
        locked.set()
        until_somebody_waits_for_a_lock()

    thread = in_thread(ingest_a_block)
    assert locked.wait(20)
    profile_save(identity_id=identity.pk, facts=ProfileFacts(name="Ann Profile"))
    thread.join(30)
    identity.refresh_from_db()
    assert (identity.profile_name, identity.follow_state) == ("Ann Profile", "blocked")
    assert identity.last_seen_at == LATE + dt.timedelta(minutes=1)
