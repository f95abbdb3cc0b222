"""One-time links to set a password: valid 7 days, usable once; only a hash of the token is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from ..models import Invitation, TeamEvent
from .events import team_event_record

VALID = timedelta(days=7)


class InvitationInvalid(Exception):
    """The link was used, replaced, is too old, or never existed."""


def token_hash(token: str) -> str:
    """A plain hash suffices: the token is 256 random bits."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def invitation_issue(person: User) -> str:
    """A new link for a person; older ones stop working. Returns the token, which nothing else remembers."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(user=person, used_at=None).delete()
    Invitation.objects.create(user=person, token_hash=token_hash(token), expires_at=timezone.now() + VALID)
    return token


def invitation_accept(*, token: str, password: str) -> User:
    """Set the password, which has been validated; it also ends the person's other sessions.

    Raises InvitationInvalid.
    """
    usable = Invitation.objects.filter(token_hash=token_hash(token), used_at=None, expires_at__gt=timezone.now())
    with transaction.atomic():
        # The person first, then the link: the order in which a deactivation locks them too.
        person = User.objects.select_for_update().filter(is_active=True, pk__in=usable.values("user_id")).first()
        if person is None or not usable.update(used_at=timezone.now()):
            raise InvitationInvalid
        person.set_password(password)
        person.save(update_fields=("password",))
        team_event_record(TeamEvent.Kind.JOINED, actor=person, person=person)
        return person
