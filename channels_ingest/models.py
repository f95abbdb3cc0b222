"""Connection of a channel, the deployment's Meta secrets, and events kept raw."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .encryption import EncryptedJSONField
from .notice_words import notice_words

# Platforms whose webhooks have a key in their URL and secrets of their own; Meta's have the deployment's.
KEYED = frozenset({"line", "telegram"})


def new_webhook_key() -> str:
    """A URL key of 192 random bits."""
    return secrets.token_urlsafe(24)


class ConnectionState(models.TextChoices):
    """What the channels page says of a connection."""

    CONNECTED = "connected", _("Connected")
    UNCHECKED = "unchecked", _("Not checked yet")
    RECONNECT = "reconnect", _("Reconnect needed")
    DISCONNECTED = "disconnected", _("Disconnected")


# With a token that may work: other connections are not called.
ASKABLE = (ConnectionState.CONNECTED, ConnectionState.UNCHECKED)


class Connection(models.Model):
    """How one channel is reached. `secrets` (newest first, two while rotating) and `token` are encrypted."""

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
    token_expires_at = models.DateTimeField(null=True, blank=True)  # null: never, or not told
    token_refreshed_at = models.DateTimeField(null=True, blank=True)
    via_page = models.BooleanField(default=False, db_default=False)  # Instagram reached through its Facebook page
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
    decided_at = models.DateTimeField(null=True, blank=True)  # replayed or discarded
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (
            models.Index(fields=("received_at",), name="stray_event_received"),
            models.Index(fields=("platform", "account_id", "platform_id"), name="stray_event_platform_id"),
        )

    def __str__(self) -> str:
        return f"stray event {self.pk}"


class Mark(models.Model):
    """A fact that may arrive before what it is about: an unsend before its message, a follow before the person.

    `platform_id` is empty where it is about the person. Kinds `follow` and `unsend` stay for good, so that a
    message delivered again stays unsent; the others are kept only until what they are about arrives.
    """

    class Kind(models.TextChoices):
        FOLLOW = "follow"
        UNSEND = "unsend"
        EDIT = "edit"
        REACTION = "reaction"
        RECEIPT = "receipt"
        DELIVERED = "delivered"
        SEEN = "seen"
        ORIGIN = "origin"
        HAPPENING = "happening"
        CONTROL = "control"

    channel = models.ForeignKey("contacts.Channel", on_delete=models.CASCADE, related_name="+")
    person_id = models.CharField(max_length=255)
    platform_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    kind = models.CharField(max_length=16, choices=Kind)
    rank = models.BigIntegerField(default=0, db_default=0)  # the greater (rank, at) wins
    at = models.DateTimeField()
    value = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("channel", "person_id", "platform_id", "kind"), name="mark_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} mark {self.pk}"


class Notice(models.Model):
    """What a platform told of an account itself; a serious one stands on the channels page until it is dismissed."""

    channel = models.ForeignKey("contacts.Channel", on_delete=models.CASCADE, related_name="+")
    platform_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=64)
    detail = models.CharField(max_length=500, blank=True, default="", db_default="")
    serious = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("channel", "platform_id"), name="notice_once"),)
        indexes = (models.Index(fields=("channel", "-at"), name="notice_channel_at"),)

    def __str__(self) -> str:
        return f"notice {self.kind} {self.pk}"

    @property
    def words(self) -> Any:
        """What it says, in the reader's language."""
        return notice_words(self.kind)


class Count(models.Model):
    """What happened on a channel in ten minutes, flushed from Redis. `at` is the start of the ten minutes."""

    channel = models.ForeignKey("contacts.Channel", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    events = models.IntegerField(default=0, db_default=0)
    strays = models.IntegerField(default=0, db_default=0)
    refused = models.IntegerField(default=0, db_default=0)
    profile_errors = models.IntegerField(default=0, db_default=0)
    send_errors = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("channel", "at"), name="count_channel_at"),)

    def __str__(self) -> str:
        return f"counts of channel {self.channel_id} at {self.at}"


class Heartbeat(models.Model):
    """When a process of one kind was last known to take posts; what was silent for long was down."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"


class DeletionRequest(models.Model):
    """A data deletion or deauthorisation that Meta called for; `code` is what the person may ask about."""

    class Kind(models.TextChoices):
        DELETION = "deletion", _("Data deletion")
        DEAUTHORISE = "deauthorise", _("Deauthorised")

    code = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=Kind)
    platform = models.CharField(max_length=16)
    user_id = models.CharField(max_length=255)  # app-scoped id of somebody who signed in to the app, never a contact
    requested_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "platform", "user_id"), name="deletion_request_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
