"""How long raw and stray events and counts are kept."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from .models import Count, RawEvent, StrayEvent


def expired_purge() -> None:
    """Delete raw and stray events and counts older than their settings say (days)."""
    now = timezone.now()
    StrayEvent.objects.filter(received_at__lt=now - dt.timedelta(days=settings.STRAY_RETENTION_DAYS)).delete()
    RawEvent.objects.filter(received_at__lt=now - dt.timedelta(days=settings.RAW_EVENT_RETENTION_DAYS)).delete()
    Count.objects.filter(at__lt=now - dt.timedelta(days=settings.COUNT_RETENTION_DAYS)).delete()
