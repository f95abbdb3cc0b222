"""Every read of segments: whose they are, who may change them, how many contacts each holds."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from redis import RedisError

from contacts.filters import ContactFilter
from contacts.models import Channel, Contact, Segment
from contacts.selectors.listing import Listing, contact_total
from labels.models import Label
from saifa_crm.access import MARKETER, OWNER, has_role
from saifa_crm.lib.dates import today

logger = logging.getLogger(__name__)
REMEMBERED = 24 * 3600  # seconds a count is shown until the new one has come


class SegmentsOf:
    """The segments that a person sees: their own in order, then those that others share. One query."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def all(self) -> list[Segment]:
        seen = Segment.objects.filter(Q(owner=self.user) | Q(shared=True)).select_related("owner")
        return sorted(seen, key=lambda segment: (not self.is_own(segment), segment.position))

    @cached_property
    def may_create(self) -> bool:
        return has_role(self.user, MARKETER, OWNER)

    def is_own(self, segment: Segment) -> bool:
        return segment.owner_id == self.user.pk

    def may_change(self, segment: Segment) -> bool:
        """Their own while they are a Marketer or Owner; an Owner also those that others share."""
        if self.is_own(segment):
            return self.may_create
        return segment.shared and has_role(self.user, OWNER)

    def seen(self, segment_id: int) -> Segment | None:
        return next((segment for segment in self.all if segment.pk == segment_id), None)

    def changeable(self, segment_id: int) -> Segment:
        """Raises Segment.DoesNotExist, so that nobody learns of a private one."""
        segment = self.seen(segment_id)
        if segment is None or not self.may_change(segment):
            raise Segment.DoesNotExist
        return segment

    def neighbour(self, segment: Segment, step: int) -> Segment | None:
        """The one beside it among their own, or among those of others."""
        group = [other for other in self.all if self.is_own(other) == self.is_own(segment)]
        place = group.index(segment) + step
        return group[place] if 0 <= place < len(group) else None


class Counter:
    """How many contacts queries hold. Channels and labels are read once, a count at most once in `max_age` seconds."""

    def __init__(self, *, max_age: int) -> None:
        self.max_age = timedelta(seconds=max_age)

    def count(self, queries: Collection[str]) -> dict[str, int]:
        """Exact counts by query; a query with a bad filter holds none."""
        now = timezone.now()
        known = remembered(queries)
        counts = {query: number for query, (number, at) in known.items() if now - at < self.max_age}
        fresh = {query: self.listing(query).count for query in queries if query not in counts}
        _remember({query: (number, now) for query, number in fresh.items()})
        return counts | fresh

    def listing(self, query: str) -> Listing:
        """As `contact_listing`, without reading channels and labels again."""
        params = QueryDict(query)
        channels, labels = self._names
        found = ContactFilter(
            params, Contact.objects.all(), channels=list(channels.values()), labels=list(labels.values())
        )
        listing = Listing(params, found, channels, labels)
        listing.everybody = self._everybody
        return listing

    @cached_property
    def _everybody(self) -> int:
        return contact_total()

    @cached_property
    def _names(self) -> tuple[dict[int, Channel], dict[int, Label]]:
        return {c.pk: c for c in Channel.objects.all()}, {label.pk: label for label in Label.objects.all()}


def remembered(queries: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """Counts made before and when, by query; none where Redis is away: they are only for show."""
    keys = {_key(query): query for query in queries}
    try:
        found = cache.get_many(list(keys))
    except RedisError:
        logger.warning("counts of views are not at hand", exc_info=True)
        return {}
    return {keys[key]: value for key, value in found.items()}


def _remember(counts: dict[str, tuple[int, datetime]]) -> None:
    try:
        cache.set_many({_key(query): value for query, value in counts.items()}, REMEMBERED)
    except RedisError:
        logger.warning("counts of views are not kept", exc_info=True)


def _key(query: str) -> str:
    """By day too: "in 7 days" is another question tomorrow."""
    return f"view-count:{today()}:{hashlib.sha256(query.encode()).hexdigest()}"
