"""Notices: what a platform told of an account, until an owner has read it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from .alerts import alerts
from .models import Notice


@transaction.atomic
def notices_read(*, channel_id: int) -> None:
    """All that was told of this channel has been read: banner and card let go of it."""
    Notice.objects.filter(channel_id=channel_id, dismissed_at__isnull=True).update(dismissed_at=timezone.now())
    transaction.on_commit(alerts.forget, robust=True)
