"""Connection of a channel, the deployment's Meta secrets, and events kept raw."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .encryption import EncryptedJSONField


def new_webhook_key() -> str:
    """A URL key of 192 random bits."""
    return secrets.token_urlsafe(24)


class ConnectionState(models.TextChoices):
    """What the channels page says of a connection."""

    CONNECTED = "connected", _("Connected")
    UNCHECKED = "unchecked", _("Not checked yet")
    RECONNECT = "reconnect", _("Reconnect needed")
    DISCONNECTED = "disconnected", _("Disconnected")


class Connection(models.Model):
    """How one channel is reached. `secrets` (LINE: newest first, two while rotating) and `token` are encrypted."""

    channel = models.OneToOneField("contacts.Channel", on_delete=models.CASCADE, related_name="connection")
    webhook_key = models.CharField(max_length=64, unique=True, default=new_webhook_key, editable=False)
    secrets = EncryptedJSONField(default=list)
    token = EncryptedJSONField(default=str)
    state = models.CharField(
        max_length=16,
        choices=ConnectionState,
        default=ConnectionState.UNCHECKED,
        db_default=ConnectionState.UNCHECKED,
    )
    state_note = models.CharField(max_length=255, blank=True, default="", db_default="")
    missing = models.JSONField(default=list, db_default=[], blank=True)  # keys of steps still to do
    is_sandbox = models.BooleanField(default=False, db_default=False)
    secret_set_at = models.DateTimeField(null=True, blank=True)
    token_set_at = models.DateTimeField(null=True, blank=True)
    last_event_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"connection of channel {self.channel_id}"


class MetaCredential(models.Model):
    """An app secret or verify token of the deployment; several are valid at once, so that they can be rotated."""

    class Kind(models.TextChoices):
        APP_SECRET = "app_secret", _("App secret")
        VERIFY_TOKEN = "verify_token", _("Verify token")

    kind = models.CharField(max_length=16, choices=Kind)
    value = EncryptedJSONField(default=str)
    fingerprint = models.CharField(max_length=64)  # keyed hash: the same value is kept once
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "fingerprint"), name="meta_credential_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class RawEvent(models.Model):
    """One event as received: ASCII-escaped JSON text, never jsonb (NUL and lone surrogates must survive)."""

    channel = models.ForeignKey("contacts.Channel", on_delete=models.CASCADE, related_name="+")
    platform_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    person_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    body = models.TextField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (
            models.Index(fields=("received_at",), name="raw_event_received"),
            models.Index(fields=("channel", "platform_id"), name="raw_event_platform_id"),
        )

    def __str__(self) -> str:
        return f"raw event {self.pk}"


class StrayEvent(models.Model):
    """What could not be read or applied, or belongs to no connected channel; kept 7 days."""

    class State(models.TextChoices):
        KEPT = "kept", _("Kept")
        REPLAYED = "replayed", _("Replayed")
        DISCARDED = "discarded", _("Discarded")

    channel = models.ForeignKey("contacts.Channel", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=16)
    account_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    person_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    platform_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    reason = models.CharField(max_length=24)
    kind = models.CharField(max_length=64, blank=True, default="", db_default="")
    body = models.TextField()
    digest = models.CharField(max_length=64, unique=True)  # the same event, delivered again, is kept once
    state = models.CharField(max_length=12, choices=State, default=State.KEPT, db_default=State.KEPT)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("received_at",), name="stray_event_received"),)

    def __str__(self) -> str:
        return f"stray event {self.pk}"


class FollowMark(models.Model):
    """The newest follow or block of a person, known before (or without) an identity."""

    channel = models.ForeignKey("contacts.Channel", on_delete=models.CASCADE, related_name="+")
    person_id = models.CharField(max_length=255)
    following = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("channel", "person_id"), name="follow_mark_once"),)

    def __str__(self) -> str:
        return f"follow mark {self.pk}"


class Tombstone(models.Model):
    """A message that was taken back before it arrived: when it comes, it is stored without content."""

    channel = models.ForeignKey("contacts.Channel", on_delete=models.CASCADE, related_name="+")
    person_id = models.CharField(max_length=255)
    platform_id = models.CharField(max_length=255)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=("channel", "person_id", "platform_id"), name="tombstone_once"),)

    def __str__(self) -> str:
        return f"tombstone {self.pk}"
