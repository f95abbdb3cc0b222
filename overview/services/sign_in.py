"""What sign-in writes beside the session."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from ..models import Invitation


def sign_in_serialise(*, username: str, address: str) -> None:
    """Tries of one person from one address wait for each other until the transaction ends.

    Without it, twenty at once would all be checked before the first failure is counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"sign-in {address} {username.casefold()}"],
        )


def sign_in_purge() -> None:
    """Drop failed tries, sessions and invitations that nobody needs any more."""
    now = timezone.now()
    kept = timedelta(days=settings.SIGN_IN_FAILURES_KEPT_DAYS)
    AccessFailureLog.objects.filter(attempt_time__lt=now - kept).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    Invitation.objects.filter(expires_at__lt=now - kept).delete()
