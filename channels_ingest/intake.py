"""Making a verified body durable: applied in time, else spooled; what is neither is not acknowledged."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import connection

from saifa_crm.lib.circuit import circuit, is_away
from saifa_crm.lib.errors import Seldom, trace
from saifa_crm.lib.time_limit import time_limit

from .bodies import has_many_events
from .delivery import delivery_take
from .spool import Kept, spool_append

logger = logging.getLogger(__name__)
LOG_EVERY = 10.0  # seconds: a full spool is said once in a while, not once a post
_complaints = Seldom(LOG_EVERY)


class NotDurable(Exception):
    """Neither applied nor kept: the platform must send it again."""


def body_take(*, kept: Kept, decoded: Any) -> None:
    """Apply a verified body; spool it where the database is away or slow, or the body holds very many events.

    New bodies do not queue behind the spool: their order does not matter to the outcome. Raises NotDurable.
    """
    if not has_many_events(kept.body, decoded) and not circuit.is_open and _applied(kept, decoded):
        return
    try:
        spool_append(kept)
    except Exception as error:  # full, unwritable, or a key that is none
        if _complaints.due():
            logger.error("deliveries cannot be spooled and are answered 503: %s", trace(error))
        raise NotDurable from error


def _applied(kept: Kept, decoded: Any) -> bool:
    """False where the database is away; where the answer to a commit was lost, applying again changes nothing."""
    limits = settings.WEBHOOK_DATABASE_SECONDS
    try:
        with time_limit(connection, limits.get(kept.platform, limits["others"])) as watch:
            # No question first whether a kept connection lives: a dead one says so, and the body is applied anew.
            is_kept = connection.connection is not None
            connection.health_check_done = True  # type: ignore[attr-defined]  # not in the stubs
            try:
                _take(kept, decoded)
            except Exception as error:
                if not is_kept or watch.fired or not is_away(error):
                    raise
                connection.close()
                _take(kept, decoded)
    except Exception as error:
        if is_away(error):
            circuit.trip()
            return False
        logger.error("a delivery of %s was not stored: %s", kept.platform, trace(error))
        raise NotDurable from error
    return True


def _take(kept: Kept, decoded: Any) -> None:
    delivery_take(platform=kept.platform, decoded=decoded, received_at=kept.received_at, channel_id=kept.channel_id)
