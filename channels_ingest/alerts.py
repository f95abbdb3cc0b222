"""What owners must hear of on every page: tokens that are dead or about to end, and what a platform warns of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from saifa_crm.lib.kept import Kept

from .health import serious_notices
from .models import ASKABLE, Connection, ConnectionState
from .notice_words import notice_words

AHEAD = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Alert:
    """A channel that needs its owner; `ends_at` is None where the token is refused already.

    `notice`: the kind of a serious notice that nobody has read yet, where it is about that and not about the token.
    """

    connection_id: int
    channel: str
    ends_at: dt.datetime | None
    notice: str = ""

    @property
    def is_dead(self) -> bool:
        return self.ends_at is None and not self.notice

    @property
    def words(self) -> Any:
        return notice_words(self.notice)


def ends_soon(connection: Connection) -> bool:
    """Whether the token of a connection that works ends within the week."""
    ends_at = connection.token_expires_at
    return connection.state in ASKABLE and ends_at is not None and ends_at - timezone.now() <= AHEAD


def _alerts() -> list[Alert]:
    """Of all channels, refused tokens first; two queries."""
    connections = (
        Connection.objects.exclude(state=ConnectionState.DISCONNECTED)
        .select_related("channel")
        .defer("secrets", "token")
        .order_by("token_expires_at", "pk")
    )
    found = [
        Alert(one.pk, str(one.channel), one.token_expires_at if one.state != ConnectionState.RECONNECT else None)
        for one in connections
        if one.state == ConnectionState.RECONNECT or ends_soon(one)
    ]
    told = serious_notices([one.channel_id for one in connections])
    found += [
        Alert(one.pk, str(one.channel), None, told[one.channel_id][0].kind)
        for one in connections
        if one.channel_id in told
    ]
    return sorted(found, key=lambda alert: (not alert.is_dead, not alert.notice))


alerts: Kept[list[Alert]] = Kept("kept:alerts", _alerts)
