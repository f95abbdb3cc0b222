"""The team's log."""

from __future__ import annotations

from django.contrib.auth.models import User

from saifa_crm.lib.people import full_name

from ..models import TeamEvent


def team_event_record(
    kind: TeamEvent.Kind, *, actor: User, person: User, before: str = "", after: str = ""
) -> TeamEvent:
    """Write down a change with the names of now; call inside the transaction of the change."""
    return TeamEvent.objects.create(
        kind=kind,
        actor=actor,
        person=person,
        actor_name=full_name(actor),
        person_name=full_name(person),
        before=before,
        after=after,
    )
