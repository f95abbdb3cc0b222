"""The shop itself, and what a member of staff chose."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Shop(models.Model):
    """The one business of this deployment."""

    name = models.CharField(max_length=80, blank=True, default="", db_default="")
    setup_done = models.BooleanField(default=False, db_default=False)
    is_demo = models.BooleanField(default=False, db_default=False)
    demo_complete = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="shop_only_one"),)

    def __str__(self) -> str:
        return self.name


class StaffProfile(models.Model):
    """A person's own choices; an empty language follows the browser."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_profile")
    language = models.CharField(max_length=8, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"profile of {self.user_id}"


class Invitation(models.Model):
    """A one-time link to set a password; only a hash of its token is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"invitation {self.pk}"
