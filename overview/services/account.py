"""A person's own name, email address and language."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from ..models import StaffProfile


def language_choose(*, user: User, language: str) -> None:
    """Keep the person's language; empty follows the browser. Unknown ones count as empty."""
    known = language if language in dict(settings.LANGUAGES) else ""
    StaffProfile.objects.update_or_create(user=user, defaults={"language": known})


def account_update(*, user: User, name: str, email: str, language: str) -> None:
    """Save what the account page shows."""
    with transaction.atomic():
        user.first_name, user.last_name, user.email = name, "", email
        user.save(update_fields=("first_name", "last_name", "email"))
        language_choose(user=user, language=language)
