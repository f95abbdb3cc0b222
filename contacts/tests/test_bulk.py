"""Bulk changes: exactly what was counted, torn by nothing, undone where it still stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Activity, BulkItem, BulkJob, BulkState, Contact, ContactLabel, UserType
from contacts.services.bulk import (
    MOST_DRAFTS,
    NotUndoable,
    bulk_cancel,
    bulk_chunk,
    bulk_confirm,
    bulk_draft,
    bulk_forgotten,
    bulk_purge,
    bulk_undo,
    bulk_work,
)
from contacts.tasks import bulk_run, sweep_bulk
from labels.models import Label

from .factories import make_contact, make_label

pytestmark = pytest.mark.django_db


def many(number: int) -> list[Contact]:
    return Contact.objects.bulk_create(Contact(name=f"Customer {place:04}") for place in range(number))


def started(actor: User, action: str, *labels: Label) -> BulkJob:
    """A confirmed job over all contacts."""
    job = bulk_draft(actor=actor, action=action, contacts=Contact.objects.all())
    assert bulk_confirm(job_id=job.pk, choices=[label.pk for label in labels])
    return job


def finished(job: BulkJob, size: int = 5000) -> BulkJob:
    assert bulk_work(job_id=job.pk, size=size) is False
    job.refresh_from_db()
    return job


def having(label: Label) -> set[int]:
    """Contacts with a label, by the rows; the array of the contact must say the same."""
    rows = set(ContactLabel.objects.filter(label=label).values_list("contact_id", flat=True))
    assert rows == set(Contact.objects.filter(label_ids__contains=[label.pk]).values_list("pk", flat=True))
    return rows


def vips() -> set[int]:
    return set(Contact.objects.filter(user_type=UserType.VIP).values_list("pk", flat=True))


def test_changed_is_what_was_counted_whatever_happens_meanwhile(agent: User) -> None:
    label = make_label("Wholesale")
    keep, leaves, erased = (make_contact(user_type=UserType.VIP) for _ in range(3))
    job = bulk_draft(actor=agent, action="label_add", contacts=Contact.objects.filter(user_type=UserType.VIP))
    assert job.counted == 3
    comes = make_contact(user_type=UserType.VIP)  # matches now, was not counted
    Contact.objects.filter(pk=leaves.pk).update(user_type=UserType.USER)  # matches no more, was counted
    gone = erased.pk
    erased.delete()
    bulk_confirm(job_id=job.pk, choices=[label.pk])
    finished(job)
    assert having(label) == {keep.pk, leaves.pk}
    assert (job.state, job.done, job.changed, job.missing) == (BulkState.DONE, 3, 2, 1)
    assert not Activity.objects.filter(contact=comes).exists()
    assert BulkItem.objects.get(job=job, contact_id=gone).touched is None


def test_what_was_so_already_leaves_no_activity(agent: User) -> None:
    one, two, archived = make_label("one"), make_label("two"), make_label("old", archived=True)
    both, neither = make_contact(labels=[one, two]), make_contact()
    job = finished(started(agent, "label_add", one, two, archived))
    assert job.changed == 1
    assert having(archived) == set()
    assert {(line.contact_id, line.verb, line.after, line.actor) for line in Activity.objects.all()} == {
        (neither.pk, "label_added", "one", agent),
        (neither.pk, "label_added", "two", agent),
    }
    assert having(one) == having(two) == {both.pk, neither.pk}


def test_labels_come_off(agent: User) -> None:
    off, kept = make_label("off"), make_label("kept")
    contact, _other = make_contact(labels=[off, kept]), make_contact(labels=[kept])
    job = finished(started(agent, "label_remove", off))
    assert (having(off), job.changed) == (set(), 1)
    line = Activity.objects.get()
    assert (line.contact_id, line.verb, line.before, line.after) == (contact.pk, "label_removed", "off", "")


def test_vip_and_back(agent: User) -> None:
    was, new = make_contact(user_type=UserType.VIP), make_contact()
    job = finished(started(agent, "vip_set"))
    assert vips() == {was.pk, new.pk}
    line = Activity.objects.get()
    assert (line.contact_id, line.verb, line.before, line.after) == (new.pk, "user_type", "user", "vip")
    finished(bulk_undo(job_id=job.pk, actor=agent))
    assert vips() == {was.pk}


def test_undo_restores_what_the_job_changed_and_only_where_it_still_stands(agent: User, owner: User) -> None:
    one, two = make_label("one"), make_label("two")
    had, plain, edited = make_contact(labels=[one]), make_contact(), make_contact()
    job = finished(started(agent, "label_add", one, two))
    later = make_contact(labels=[one])
    ContactLabel.objects.filter(contact=edited, label=one).delete()  # somebody took it off since
    undo = bulk_undo(job_id=job.pk, actor=owner)
    assert undo.counted == 3
    finished(undo)
    assert having(one) == {had.pk, later.pk}
    assert having(two) == set()
    assert Activity.objects.filter(contact=edited, verb="label_removed").count() == 1  # `two` alone
    assert plain.pk not in having(one)


def test_undo_of_removal_brings_back_a_label_archived_since(agent: User) -> None:
    label = make_label("season")
    had, _never = make_contact(labels=[label]), make_contact()
    job = finished(started(agent, "label_remove", label))
    Label.objects.filter(pk=label.pk).update(archived=True)
    finished(bulk_undo(job_id=job.pk, actor=agent))
    assert having(label) == {had.pk}


def test_undo_twice_is_one_and_an_undo_is_final(agent: User) -> None:
    make_contact()
    job = finished(started(agent, "vip_set"))
    undo = bulk_undo(job_id=job.pk, actor=agent)
    assert bulk_undo(job_id=job.pk, actor=agent) == undo
    finished(undo)
    with pytest.raises(NotUndoable):
        bulk_undo(job_id=undo.pk, actor=agent)


def test_a_cancelled_undo_goes_on_where_it_stopped(agent: User) -> None:
    contacts = many(6)
    job = finished(started(agent, "vip_set"))
    undo = bulk_undo(job_id=job.pk, actor=agent)
    bulk_chunk(job_id=undo.pk, size=2)
    bulk_cancel(job_id=undo.pk)
    finished(undo)
    assert len(vips()) == 4
    Contact.objects.filter(pk=contacts[0].pk).update(user_type=UserType.VIP)  # by somebody, after its turn
    again = bulk_undo(job_id=job.pk, actor=agent)
    assert (again, again.state, again.finished_at) == (undo, BulkState.RUNNING, None)
    finished(again)
    assert vips() == {contacts[0].pk}
    assert (again.done, again.changed) == (6, 6)
    BulkJob.objects.filter(pk=undo.pk).update(state=BulkState.CANCELLED)
    BulkJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(hours=25))
    assert bulk_undo(job_id=job.pk, actor=agent).state == BulkState.CANCELLED


def test_no_undo_after_a_day_nor_while_it_runs(agent: User) -> None:
    many(3)
    job = started(agent, "vip_set")
    bulk_chunk(job_id=job.pk, size=1)
    with pytest.raises(NotUndoable):
        bulk_undo(job_id=job.pk, actor=agent)
    finished(job)
    BulkJob.objects.update(finished_at=timezone.now() - timedelta(hours=24, seconds=1))
    with pytest.raises(NotUndoable):
        bulk_undo(job_id=job.pk, actor=agent)


def test_a_killed_worker_is_taken_over(agent: User) -> None:
    label, contacts = make_label(), many(25)
    job = started(agent, "label_add", label)
    assert bulk_chunk(job_id=job.pk, size=10)  # then the worker dies
    assert len(having(label)) == 10
    assert bulk_forgotten() == []
    BulkJob.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    assert bulk_forgotten() == [job.pk]
    finished(job, size=10)
    assert having(label) == {contact.pk for contact in contacts}
    assert Activity.objects.count() == 25
    assert (job.done, job.changed) == (25, 25)


def test_a_chunk_that_breaks_leaves_nothing_behind(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    many(6)
    label = make_label()
    job = started(agent, "label_add", label)
    bulk_chunk(job_id=job.pk, size=3)
    with monkeypatch.context() as patch:
        patch.setattr("contacts.services.bulk.TOUCHED", "SELECT 1 / 0")
        with pytest.raises(Exception, match="division by zero"):
            bulk_chunk(job_id=job.pk, size=3)
    job.refresh_from_db()
    assert (job.done, len(having(label)), Activity.objects.count()) == (3, 3, 3)
    finished(job)
    assert (job.done, len(having(label)), Activity.objects.count()) == (6, 6, 6)


def test_cancelled_stops_and_can_be_undone(agent: User) -> None:
    many(6)
    job = started(agent, "vip_set")
    bulk_chunk(job_id=job.pk, size=4)
    bulk_cancel(job_id=job.pk)
    finished(job)
    assert (job.state, job.done, len(vips())) == (BulkState.CANCELLED, 4, 4)
    finished(bulk_undo(job_id=job.pk, actor=agent))
    assert vips() == set()


def test_confirmed_twice_starts_once(agent: User) -> None:
    make_contact()
    label, other = make_label(), make_label()
    job = started(agent, "label_add", label)
    assert bulk_confirm(job_id=job.pk, choices=[other.pk]) is False
    finished(job)
    assert bulk_confirm(job_id=job.pk, choices=[other.pk]) is False
    assert (len(having(label)), having(other)) == (1, set())


@pytest.mark.parametrize("action", ["label_add", "label_remove", "vip_set", "vip_unset"])
def test_statements_do_not_grow_with_the_chunk(agent: User, action: str) -> None:
    label = make_label()
    contacts = many(60)
    ContactLabel.objects.bulk_create(ContactLabel(contact=one, label=label) for one in contacts[::2])
    job, counts = started(agent, action, label), []
    for size in (5, 50):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            bulk_chunk(job_id=job.pk, size=size)
        counts.append(len(queries))
    # savepoint, job, its contacts, lock, change with activity, items, job, release
    assert counts == [8, 8]


@pytest.mark.django_db(transaction=True)
def test_three_thousand_by_the_task(agent: User) -> None:
    label = make_label()
    many(3000)
    job = started(agent, "label_add", label)
    bulk_run(job.pk)
    bulk_run(job.pk)  # delivered twice
    job.refresh_from_db()
    assert (job.state, job.done, job.changed) == (BulkState.DONE, 3000, 3000)
    assert len(having(label)) == Activity.objects.count() == 3000


def test_the_sweep_drops_old_drafts_and_old_contacts(agent: User) -> None:
    make_contact()
    old, fresh = (bulk_draft(actor=agent, action="vip_set", contacts=Contact.objects.all()) for _ in range(2))
    BulkJob.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=2))
    done = finished(started(agent, "vip_set"))
    BulkJob.objects.filter(pk=done.pk).update(finished_at=timezone.now() - timedelta(hours=25))
    sweep_bulk()
    assert set(BulkJob.objects.values_list("pk", flat=True)) == {fresh.pk, done.pk}
    assert list(BulkItem.objects.values_list("job_id", flat=True)) == [fresh.pk]


def test_drafts_of_one_person_do_not_pile_up(agent: User, owner: User) -> None:
    make_contact()
    hers = bulk_draft(actor=owner, action="vip_set", contacts=Contact.objects.all())
    begun = started(agent, "vip_set")
    drafts = [bulk_draft(actor=agent, action="vip_set", contacts=Contact.objects.all()) for _ in range(MOST_DRAFTS + 2)]
    kept = {hers.pk, begun.pk, *(job.pk for job in drafts[2:])}
    assert set(BulkJob.objects.values_list("pk", flat=True)) == kept
    assert set(BulkItem.objects.values_list("job_id", flat=True)) == kept


def test_a_filter_that_matches_nothing_counts_nobody(agent: User) -> None:
    make_contact()
    job = bulk_draft(actor=agent, action="vip_set", contacts=Contact.objects.none())
    assert job.counted == 0
    bulk_purge()


def test_snapshot_is_one_statement(agent: User, django_assert_num_queries: Any) -> None:
    many(100)
    with django_assert_num_queries(6):  # savepoint, older drafts, job, its contacts, count, release
        bulk_draft(actor=agent, action="vip_set", contacts=Contact.objects.all())
