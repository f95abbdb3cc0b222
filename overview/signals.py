"""What every sign-in does, by the form or by a one-time link."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from .middleware import SESSION_KEY
from .selectors import language_of


@receiver(user_logged_in)
def language_into_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The pages of this session speak the person's language without asking the database each time."""
    request.session[SESSION_KEY] = language_of(user)
