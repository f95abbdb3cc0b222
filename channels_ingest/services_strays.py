"""Stray events: replayed after a fix, or discarded. One event is one transaction; nothing is lost by a failing one."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from saifa_crm.lib.errors import trace

from .delivery import delivery_apply
from .models import KEYED, StrayEvent
from .platforms import adapter_for

logger = logging.getLogger(__name__)
State = StrayEvent.State


def stray_replay(*, stray_id: int, actor_id: int | None) -> bool:
    """Apply a kept stray as if it came now, at the time it came; False where it still cannot be, or is not kept.

    The row gives way to what the delivery makes of it: strays once more, with their new reasons, or none. Two owners
    at once: the second finds it locked and leaves it. Raises OperationalError or InterfaceError where the database is
    away; anything else is this event's own fault and stops no other.
    """
    try:
        with transaction.atomic():
            return _replay(stray_id, actor_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.error("stray %s could not be replayed: %s", stray_id, trace(error))
        return False


def _replay(stray_id: int, actor_id: int | None) -> bool:
    rows = StrayEvent.objects.select_for_update(skip_locked=True)
    stray = rows.filter(pk=stray_id, state=State.KEPT).first()
    if stray is None:
        return False
    newest = StrayEvent.objects.aggregate(newest=Max("pk"))["newest"]
    stray.delete()
    events = adapter_for(stray.platform).parse(json.loads(stray.body))
    delivery_apply(
        platform=stray.platform,
        events=events,
        received_at=stray.received_at,
        channel_id=stray.channel_id if stray.platform in KEYED else None,
    )
    # A body that is cut into events by now comes back as several strays, none of which has its digest.
    if StrayEvent.objects.filter(pk__gt=newest, platform=stray.platform, received_at=stray.received_at).exists():
        return False
    # What it held is where it belongs now; the row says that it was here, and keeps a redelivery from coming back.
    stray.pk, stray.body, stray.state = None, "", State.REPLAYED
    stray.decided_at, stray.decided_by_id = timezone.now(), actor_id
    stray.save(force_insert=True)
    return True


def strays_discard(*, strays: QuerySet[StrayEvent], actor_id: int) -> int:
    """Give kept strays up; their content goes at once. Answers how many."""
    return strays.filter(state=State.KEPT).update(
        state=State.DISCARDED, body="", decided_at=timezone.now(), decided_by_id=actor_id
    )


def strays_slice(*, filters: Mapping[str, Any], after: int, upto: int, size: int) -> list[int]:
    """Ids of the next kept strays of a bulk replay, in order; those that came after it began (`upto`) are left."""
    chosen = StrayEvent.objects.filter(**filters, state=State.KEPT, pk__gt=after, pk__lte=upto)
    return list(chosen.order_by("pk").values_list("pk", flat=True)[:size])
