"""The contact list's column of who looks after somebody's chats."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from contacts.columns import ListColumn

from .models import Conversation


def assignees(ids: list[int]) -> dict[int, str]:
    """Name of who has each contact's chat; of several chats the one last written in that has somebody."""
    rows = (
        Conversation.objects.filter(identity__contact_id__in=ids, assignee__isnull=False)
        .order_by("identity__contact_id", F("last_message_at").desc(nulls_last=True), "-pk")
        .distinct("identity__contact_id")
        .values_list("identity__contact_id", "assignee__first_name", "assignee__last_name", "assignee__username")
    )
    return {pk: f"{first} {last}".strip() or username for pk, first, last, username in rows}


ASSIGNEE = ListColumn("assignee", _("Assignee"), "c-opt c-assignee", assignees, _("Nobody"), order=150)
