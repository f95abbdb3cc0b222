"""Reads of labels."""

from __future__ import annotations

from django.db.models import Count, Max, Q, QuerySet

from .models import Label, label_key


def labels_with_use(search: str = "") -> QuerySet[Label]:
    """Labels with `uses` (contacts that have it) and `last_used`, most used first."""
    labels = Label.objects.annotate(uses=Count("contact_labels"), last_used=Max("contact_labels__created_at"))
    if search:
        labels = labels.filter(name_key__contains=label_key(search))
    return labels.order_by("-uses", "name_key", "id")


def label_totals() -> dict[str, int]:
    """How many labels are `active` and how many `archived`, whatever is searched for."""
    counts: dict[str, int] = Label.objects.aggregate(
        active=Count("pk", filter=Q(archived=False)), archived=Count("pk", filter=Q(archived=True))
    )
    return counts
