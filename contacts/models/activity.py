"""What happened to a contact."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .contact import Contact


class Activity(models.Model):
    """One change: `actor` null is the system; `verb` a key that the panel puts into words; before → after as text."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="activities")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    verb = models.CharField(max_length=40)
    before = models.TextField(blank=True, default="", db_default="")
    after = models.TextField(blank=True, default="", db_default="")
    at = models.DateTimeField(db_default=Now())
    # What a platform told: its own id of it, so that it is noted once. Null for all else.
    platform_key = models.CharField(max_length=300, null=True, blank=True)

    class Meta:
        verbose_name_plural = "activities"
        constraints = (
            models.UniqueConstraint(
                fields=("contact", "platform_key"),
                condition=models.Q(platform_key__isnull=False),
                name="activity_platform_key",
            ),
        )
        indexes = (models.Index(fields=("contact", "-at", "-id"), name="activity_contact_at"),)

    def __str__(self) -> str:
        return f"{self.verb} {self.contact_id}"
