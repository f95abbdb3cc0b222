"""The shop itself, and what a member of staff chose."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


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


class TeamEvent(models.Model):
    """What an owner did to the team; kept when the person or the owner is gone, by the names of then."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        JOINED = "joined", _("set a password")
        ROLE = "role", _("changed the role")
        LINK = "link", _("made a new link")
        DEACTIVATED = "deactivated", _("deactivated")
        REACTIVATED = "reactivated", _("reactivated")

    kind = models.CharField(max_length=12, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="team_events_done",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="team_events"
    )
    actor_name = models.CharField(max_length=310, blank=True, default="", db_default="")
    person_name = models.CharField(max_length=310, blank=True, default="", db_default="")
    before = models.CharField(max_length=40, blank=True, default="", db_default="")
    after = models.CharField(max_length=40, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("-created_at", "-id"), name="team_event_latest"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.person_name}"
