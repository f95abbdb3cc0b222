"""Reads of labels."""

from __future__ import annotations

from django.db.models import Count, Max, QuerySet

from .models import Label, label_key


def labels_with_use(search: str = "") -> QuerySet[Label]:
    """Labels with `uses` (contacts that have it) and `last_used`, most used first."""
    labels = Label.objects.annotate(uses=Count("contact_labels"), last_used=Max("contact_labels__created_at"))
    if search:
        labels = labels.filter(name_key__contains=label_key(search))
    return labels.order_by("-uses", "name_key", "id")
