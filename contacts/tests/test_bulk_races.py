"""Bulk changes beside others who write the same contacts: no change lost, no deadlock escapes, undo takes no one's."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction

from contacts.audit import CHECKS
from contacts.models import Activity, BulkJob, BulkState, Contact, ContactLabel, UserType
from contacts.services import contact_absorb, contact_labels_change, contact_set_vip
from contacts.services.bulk import DEADLOCK, bulk_confirm, bulk_draft, bulk_undo, bulk_work
from contacts.tasks import bulk_begin
from labels.models import Label
from saifa_crm.tests.threads import together

from .factories import make_channel, make_contact, make_identity, make_label

pytestmark = pytest.mark.django_db(transaction=True)
CONTACTS = 120
CHUNK = 20


def begun(actor: User, action: str, *labels: Label) -> BulkJob:
    """A confirmed job over all contacts."""
    job = bulk_draft(actor=actor, action=action, contacts=Contact.objects.all())
    assert bulk_confirm(job_id=job.pk, choices=[label.pk for label in labels])
    return job


def done(job: BulkJob) -> BulkJob:
    bulk_work(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == BulkState.DONE
    return job


def differing() -> list[tuple[Any, ...]]:
    """What the audit of contacts finds."""
    with connection.cursor() as cursor:
        found = []
        for check in CHECKS:
            cursor.execute(check.find)
            found += cursor.fetchall()
    return found


def is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == DEADLOCK


class Staff:
    """A colleague at work on the same contacts: labels on and off, VIP, contacts joined, and locks in any order."""

    def __init__(self, seed: int, actor: User, ids: list[int], labels: list[Label]) -> None:
        self.random, self.actor, self.ids, self.labels = random.Random(seed), actor, ids, labels

    def __call__(self) -> None:
        for _ in range(80):
            try:
                self.random.choice((self.label, self.label, self.vip, self.join, self.out_of_order))()
            except Contact.DoesNotExist:
                pass
            except OperationalError as error:
                if not is_deadlock(error):
                    raise

    def label(self) -> None:
        chosen = [self.random.choice(self.labels).pk]
        put = {"add": chosen} if self.random.random() < 0.5 else {"remove": chosen}
        contact_labels_change(contact_id=self.random.choice(self.ids), actor=self.actor, **put)

    def vip(self) -> None:
        contact_set_vip(contact_id=self.random.choice(self.ids), actor=self.actor, vip=self.random.random() < 0.5)

    def join(self) -> None:
        if self.random.random() < 0.2:
            one, other = self.random.sample(self.ids, 2)
            contact_absorb(contact_id=one, other_id=other)

    def out_of_order(self) -> None:
        """As a hand-written statement does: the last first."""
        with transaction.atomic():
            for pk in sorted(self.random.sample(self.ids, 4), reverse=True):
                Contact.objects.filter(pk=pk).update(address=f"{self.random.random()}")


def test_beside_others_who_label_and_join_the_same_contacts(agent: User, owner: User) -> None:
    labels = [make_label(name) for name in ("one", "two", "three")]
    channel = make_channel()
    contacts = [make_contact(f"Customer {place}") for place in range(CONTACTS)]
    for contact in contacts:
        make_identity(contact, channel)
    ids = [contact.pk for contact in contacts]
    jobs = [
        begun(agent, "label_add", labels[0], labels[1]),
        begun(agent, "label_remove", labels[1]),
        begun(owner, "label_add", labels[2]),
        begun(owner, "vip_set"),
    ]
    works = [lambda pk=job.pk: bulk_work(job_id=pk, size=CHUNK) for job in jobs]
    twice = lambda: bulk_work(job_id=jobs[0].pk, size=CHUNK)  # noqa: E731  (a task delivered twice)
    staff = [Staff(seed, person, ids, labels) for seed, person in enumerate((agent, owner))]
    assert together(*works, twice, *staff) == []

    left = set(Contact.objects.values_list("pk", flat=True))
    assert len(left) < CONTACTS
    for job in jobs:
        job.refresh_from_db()
        assert (job.state, job.done) == (BulkState.DONE, CONTACTS)
        assert job.missing <= CONTACTS - len(left)
        assert job.items.filter(touched=None).count() == job.missing
    assert differing() == []
    _history_tells_how_each_label_came_to_be(left)


def _history_tells_how_each_label_came_to_be(left: set[int]) -> None:
    """Every change was noted once: on a contact that nothing was joined with, its lines add up to what it has."""
    joined = set(Activity.objects.filter(verb="linked").values_list("contact_id", flat=True))
    sums: Counter[tuple[int, str]] = Counter()
    for line in Activity.objects.filter(verb__in=("label_added", "label_removed")):
        sums[line.contact_id, line.after or line.before] += 1 if line.verb == "label_added" else -1
    has = {
        (row.contact_id, row.label.name): 1
        for row in ContactLabel.objects.select_related("label")
        if row.contact_id not in joined
    }
    assert {key: total for key, total in sums.items() if total and key[0] in left - joined} == has


def test_a_small_one_that_deadlocks_again_and_again_goes_on_in_the_background(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_contact()
    job = begun(agent, "vip_set")
    with monkeypatch.context() as patch, connection.cursor() as cursor:
        patch.setattr("contacts.services.bulk.TRIES", 1)
        cursor.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON contacts_contact EXECUTE FUNCTION refuse();
        """)
        try:
            bulk_begin(job)
        finally:
            cursor.execute("DROP FUNCTION refuse CASCADE")
    job.refresh_from_db()
    assert (job.state, job.done) == (BulkState.RUNNING, 0)
    assert done(job).changed == 1


# What somebody does between a job and its undo


def test_undo_leaves_a_label_that_somebody_took_off_and_put_back(agent: User, owner: User) -> None:
    label, other = make_label("COD"), make_label("Wholesale")
    plain, theirs = make_contact(), make_contact()
    job = done(begun(agent, "label_add", label, other))
    contact_labels_change(contact_id=theirs.pk, actor=owner, remove=[label.pk])
    contact_labels_change(contact_id=theirs.pk, actor=owner, add=[label.pk])
    undo = done(bulk_undo(job_id=job.pk, actor=agent))
    assert set(ContactLabel.objects.values_list("contact_id", "label_id")) == {(theirs.pk, label.pk)}
    assert (undo.counted, undo.changed) == (2, 2)  # of theirs, the other label
    assert not ContactLabel.objects.filter(contact=plain).exists()


def test_undo_of_removal_leaves_what_somebody_put_on_and_took_off(agent: User, owner: User) -> None:
    label = make_label("COD")
    plain, theirs = make_contact(labels=[label]), make_contact(labels=[label])
    job = done(begun(agent, "label_remove", label))
    contact_labels_change(contact_id=theirs.pk, actor=owner, add=[label.pk])
    contact_labels_change(contact_id=theirs.pk, actor=owner, remove=[label.pk])
    undo = done(bulk_undo(job_id=job.pk, actor=agent))
    assert list(ContactLabel.objects.values_list("contact_id", flat=True)) == [plain.pk]
    assert (undo.counted, undo.changed) == (2, 1)


def test_undo_leaves_a_vip_whom_somebody_chose_since(agent: User, owner: User) -> None:
    make_contact()
    theirs = make_contact()
    job = done(begun(agent, "vip_set"))
    contact_set_vip(contact_id=theirs.pk, actor=owner, vip=False)
    contact_set_vip(contact_id=theirs.pk, actor=owner, vip=True)
    undo = done(bulk_undo(job_id=job.pk, actor=agent))
    assert list(Contact.objects.filter(user_type=UserType.VIP)) == [theirs]
    assert (undo.counted, undo.changed) == (2, 1)


def test_undo_leaves_a_contact_that_took_in_another_who_was_so_before(agent: User) -> None:
    label = make_label("COD")
    kept, other = make_contact(), make_contact(labels=[label], user_type=UserType.VIP)
    jobs = [done(begun(agent, "label_add", label)), done(begun(agent, "vip_set"))]
    contact_absorb(contact_id=kept.pk, other_id=other.pk)
    for job in jobs:
        assert job.changed == 1
        assert done(bulk_undo(job_id=job.pk, actor=agent)).changed == 0
    kept.refresh_from_db()
    assert (kept.is_vip, kept.label_ids) == (True, [label.pk])


def test_undo_takes_what_the_same_person_changed_before_the_job(agent: User) -> None:
    label = make_label("COD")
    contact = make_contact()
    contact_labels_change(contact_id=contact.pk, actor=agent, add=[label.pk])
    contact_labels_change(contact_id=contact.pk, actor=agent, remove=[label.pk])
    job = done(begun(agent, "label_add", label))
    assert done(bulk_undo(job_id=job.pk, actor=agent)).changed == 1
    assert not ContactLabel.objects.exists()
