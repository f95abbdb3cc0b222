"""Identity: a contact under one id on one channel."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .channel import Channel
from .contact import Contact


class FollowState(models.TextChoices):
    """What a platform said of the person's friendship; most never say."""

    UNKNOWN = "", _("Unknown")
    FOLLOWING = "following", _("Following")
    BLOCKED = "blocked", _("Blocked")


class ProfileState(models.TextChoices):
    """Where the profile fetch stands; the sweep finds work by it."""

    PENDING = "pending", _("Pending")
    FETCHED = "fetched", _("Fetched")
    UNAVAILABLE = "unavailable", _("Not available")


class Identity(models.Model):
    """One person on one channel; the database keeps (channel, external_id) unique. `scope` copies the channel's."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="identities")
    external_id = models.CharField(max_length=255)
    scope = models.CharField(max_length=300, blank=True, default="", db_default="")
    profile_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    username = models.CharField(max_length=255, blank=True, default="", db_default="")
    picture_url = models.TextField(blank=True, default="", db_default="")
    picture = models.CharField(max_length=200, blank=True, default="", db_default="")  # file under MEDIA_ROOT
    language = models.CharField(max_length=16, blank=True, default="", db_default="")
    follow_state = models.CharField(max_length=12, choices=FollowState, blank=True, default="", db_default="")
    follow_changed_at = models.DateTimeField(null=True, blank=True)
    profile_state = models.CharField(
        max_length=12, choices=ProfileState, default=ProfileState.PENDING, db_default=ProfileState.PENDING
    )
    profile_tries = models.SmallIntegerField(default=0, db_default=0)
    profile_next_at = models.DateTimeField(db_default=Now())  # when the sweep may try (again)
    profile_fetched_at = models.DateTimeField(null=True, blank=True)  # last told or refused
    # Where the person first came from: the earliest the platform told of.
    origin_source = models.CharField(max_length=16, blank=True, default="", db_default="")
    origin_ref = models.CharField(max_length=255, blank=True, default="", db_default="")
    origin_title = models.CharField(max_length=255, blank=True, default="", db_default="")
    origin_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = (models.UniqueConstraint(fields=("channel", "external_id"), name="identity_channel_external_id"),)
        indexes = (
            models.Index(fields=("scope", "external_id"), name="identity_scope"),
            models.Index(
                fields=("channel", "profile_next_at"),
                condition=models.Q(profile_state="pending"),
                name="identity_profile_waiting",
            ),
            models.Index(
                fields=("follow_changed_at",),
                condition=models.Q(follow_state="following"),
                name="identity_followed",
            ),
        )

    def __str__(self) -> str:
        return self.profile_name or self.external_id

    def save(self, *args: object, **kwargs: object) -> None:
        """An identity lives in the id space of its channel."""
        self.scope = self.channel.scope
        super().save(*args, **kwargs)  # type: ignore[arg-type]
