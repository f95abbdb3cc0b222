"""The team's log."""

from __future__ import annotations

from django.contrib.auth.models import User

from ..models import TeamEvent


def team_event_record(
    kind: TeamEvent.Kind, *, actor: User, person: User, before: str = "", after: str = ""
) -> TeamEvent:
    """Write down a change with the names of now; call inside the transaction of the change."""
    return TeamEvent.objects.create(
        kind=kind,
        actor=actor,
        person=person,
        actor_name=actor.get_full_name() or actor.get_username(),
        person_name=person.get_full_name() or person.get_username(),
        before=before,
        after=after,
    )
