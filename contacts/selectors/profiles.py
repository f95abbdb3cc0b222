"""Which people's profiles are still to be asked for."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.models import Count

from contacts.models import Identity, ProfileState


def profiles_due(*, channel_ids: Collection[int], each: int) -> list[int]:
    """Ids of identities whose profile is due, longest waiting first, at most `each` of a channel.

    One statement that reads `each` rows a channel from the index of the waiting, however long the queues are.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT due.id
            FROM unnest(%s::integer[]) AS asked(channel_id)
            CROSS JOIN LATERAL (
                SELECT i.id, i.profile_next_at
                FROM contacts_identity i
                WHERE i.channel_id = asked.channel_id AND i.profile_state = 'pending'
                    AND i.profile_next_at <= statement_timestamp()
                ORDER BY i.profile_next_at
                LIMIT %s
            ) due
            ORDER BY due.profile_next_at, due.id
            """,
            [list(channel_ids), each],
        )
        return [row[0] for row in cursor.fetchall()]


def profile_queue(channel_ids: Collection[int]) -> dict[int, int]:
    """How many people of each channel wait for a name; channels without any are left out. One query."""
    waiting = Identity.objects.filter(
        channel_id__in=channel_ids, profile_state=ProfileState.PENDING, profile_name=""
    ).values_list("channel_id")
    return dict(waiting.annotate(Count("pk")).order_by())
