"""Signing in: Django's own way, with the person and their roles read in one statement a request."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q


class StaffBackend(ModelBackend):
    """Checks a password as ModelBackend does."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session with the names of their groups as `group_names`; None where they may not sign in."""
        names = ArrayAgg("groups__name", filter=Q(groups__isnull=False), default=[])
        user = User.objects.annotate(group_names=names).filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
