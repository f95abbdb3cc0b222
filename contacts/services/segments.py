"""Every write to segments. Who may change one is decided here, under the row's lock."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from contacts.models import Segment
from contacts.selectors.segments import SegmentsOf

MOST = 50  # of one person


class NameTaken(Exception):
    """The person has a segment of that name, in whatever case."""


class TooMany(Exception):
    """The person has MOST segments already."""


def segment_create(*, owner: User, name: str, query: str, shared: bool) -> Segment:
    """A new one, after all others. Raises NameTaken, TooMany."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # two saves at once are counted one by one
        if Segment.objects.filter(owner=owner).count() >= MOST:
            raise TooMany
        # Its own id is a position that no other has: positions only ever change hands.
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('contacts_segment', 'id'))")
            number = cursor.fetchone()[0]
        segment = Segment(pk=number, owner=owner, name=name, query=query, shared=shared, position=number)
        _save(segment)
    return segment


def segment_update(*, segment_id: int, actor: User, name: str, shared: bool) -> Segment:
    """Rename, share or keep private. Raises Segment.DoesNotExist (also where it is not theirs to change), NameTaken.

    A colleague's segment stays shared: private, it would be gone from the sight of the owner who changes it.
    """
    with transaction.atomic():
        segment = _locked(segment_id, actor)
        segment.name = name
        segment.shared = shared or segment.owner_id != actor.pk
        _save(segment)
    return segment


def segment_set_query(*, segment_id: int, actor: User, query: str) -> Segment:
    """Keep other filters under the same name. Raises Segment.DoesNotExist."""
    with transaction.atomic():
        segment = _locked(segment_id, actor)
        segment.query = query
        segment.save(update_fields=("query", "updated_at"))
    return segment


def segment_delete(*, segment_id: int, actor: User) -> Segment:
    """Delete the view; contacts keep everything. Raises Segment.DoesNotExist."""
    with transaction.atomic():
        segment = _locked(segment_id, actor)
        Segment.objects.filter(pk=segment.pk).delete()
    return segment


def segment_move(*, segment_id: int, actor: User, step: int) -> None:
    """Change places with the neighbour to the left (-1) or right (1) in the same group; at the end nothing happens.

    Raises Segment.DoesNotExist.
    """
    with transaction.atomic():
        list(Segment.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        mine = SegmentsOf(actor)
        segment = mine.changeable(segment_id)
        neighbour = mine.neighbour(segment, step)
        if neighbour is None:
            return
        segment.position, neighbour.position = neighbour.position, segment.position
        Segment.objects.bulk_update([segment, neighbour], ["position"])


def _locked(segment_id: int, actor: User) -> Segment:
    Segment.objects.select_for_update(no_key=True).filter(pk=segment_id).first()
    return SegmentsOf(actor).changeable(segment_id)


def _save(segment: Segment) -> None:
    try:
        with transaction.atomic():
            segment.save(force_insert=segment._state.adding)
    except IntegrityError as error:
        if "segment_name_once" in str(error):
            raise NameTaken from error
        raise
