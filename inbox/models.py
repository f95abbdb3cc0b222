"""Conversation, Message and Episode: what was said on one identity."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ConversationStatus(models.TextChoices):
    """Where a conversation stands for the staff."""

    OPEN = "open", _("Open")
    FOLLOW_UP = "follow_up", _("Follow up")
    CLOSED = "closed", _("Closed")


class Direction(models.TextChoices):
    """Who speaks: the customer, the shop, or the staff among themselves."""

    IN = "in", _("Customer")
    OUT = "out", _("Shop")
    NOTE = "note", _("Internal note")


class Kind(models.TextChoices):
    """Message kinds all platforms share."""

    TEXT = "text", _("Text")
    IMAGE = "image", _("Photo")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Voice message")
    FILE = "file", _("File")
    STICKER = "sticker", _("Sticker")
    LOCATION = "location", _("Location")
    POSTBACK = "postback", _("Button pressed")
    STORY_REPLY = "story_reply", _("Story reply")
    STORY_MENTION = "story_mention", _("Story mention")
    SHARE = "share", _("Shared post")
    ORDER = "order", _("Cart")
    CONTACT = "contact", _("Contact card")
    UNSUPPORTED = "unsupported", _("Message of another kind")


class DeliveryState(models.TextChoices):
    """State of an outbound message; inbound ones have none."""

    NONE = "", ""
    QUEUED = "queued", _("Sending")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    FAILED = "failed", _("Not sent")


class Conversation(models.Model):
    """The chat of one identity; `last_*` are a roll-up of the newest message by effective time.

    `channel` is the identity's, written by a trigger (migration 0007): Python reads it of rows from the database alone.
    """

    identity = models.OneToOneField("contacts.Identity", on_delete=models.CASCADE, related_name="conversation")
    channel = models.ForeignKey(
        "contacts.Channel",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        editable=False,
    )
    status = models.CharField(
        max_length=12,
        choices=ConversationStatus,
        default=ConversationStatus.OPEN,
        db_default=ConversationStatus.OPEN,
    )
    is_spam = models.BooleanField(default=False, db_default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations",
    )
    unread = models.IntegerField(default=0, db_default=0)
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_direction = models.CharField(max_length=4, choices=Direction, blank=True, default="", db_default="")
    last_kind = models.CharField(max_length=16, choices=Kind, blank=True, default="", db_default="")
    last_preview = models.CharField(max_length=200, blank=True, default="", db_default="")
    last_in_at = models.DateTimeField(null=True, blank=True)  # opens the platforms' reply windows
    read_at = models.DateTimeField(null=True, blank=True)  # staff have seen everything up to this effective time
    # What the shop sent up to these times has arrived at, or was read by, the customer.
    delivered_upto = models.DateTimeField(null=True, blank=True)
    seen_upto = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = (
            models.Index(
                models.F("last_message_at").desc(nulls_last=True),
                models.F("id").desc(),
                name="conversation_latest",
            ),
            models.Index(
                fields=("status", "-last_message_at", "-id"),
                condition=models.Q(is_spam=False),
                name="conversation_status_latest",
            ),
            models.Index(
                fields=("channel", "status", "-last_message_at", "-id"),
                condition=models.Q(is_spam=False),
                name="conversation_channel_latest",
            ),
            models.Index(
                fields=("-last_message_at", "-id"),
                condition=models.Q(is_spam=False, unread__gt=0),
                name="conversation_unread_latest",
            ),
            models.Index(
                fields=("-last_message_at", "-id"),
                condition=models.Q(is_spam=True),
                name="conversation_spam_latest",
            ),
        )

    def __str__(self) -> str:
        return f"conversation {self.pk}"


SEARCHED = models.Q(text__gt="", unsent_at__isnull=True)  # what can be found: no taken back message, none without words
FOLDED_TEXT = models.Func(models.F("text"), template="upper(normalize(%(expressions)s, NFKC))")


class Message(models.Model):
    """One message; `sent_at` is the effective time, `platform_at` what the platform said, `received_at` ours."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    platform_id = models.CharField(max_length=255, null=True, blank=True)
    direction = models.CharField(max_length=4, choices=Direction)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.TEXT, db_default=Kind.TEXT)
    text = models.TextField(blank=True, default="", db_default="")
    attachments = models.JSONField(default=list, db_default=[], blank=True)
    reply_to = models.CharField(max_length=255, blank=True, default="", db_default="")  # platform id quoted
    sent_at = models.DateTimeField()
    platform_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    delivery_state = models.CharField(max_length=12, choices=DeliveryState, blank=True, default="", db_default="")
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    unsent_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    edit_number = models.IntegerField(default=0, db_default=0)
    reaction = models.CharField(max_length=32, blank=True, default="", db_default="")  # the customer's, an emoji
    reacted_at = models.DateTimeField(null=True, blank=True)  # of the newest reaction, one taken back included
    # Outbound: the nonce of the send, the same over retries; null for what was not sent from here.
    retry_key = models.UUIDField(null=True, blank=True)
    send_tries = models.SmallIntegerField(default=0, db_default=0)
    send_after = models.DateTimeField(null=True, blank=True)  # when the sweep may try (again)
    error = models.CharField(max_length=64, blank=True, default="", db_default="")  # the platform's code

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("conversation", "platform_id"), name="message_conversation_platform_id"),
            models.UniqueConstraint(
                fields=("retry_key",), condition=models.Q(retry_key__isnull=False), name="message_retry_key"
            ),
            models.CheckConstraint(condition=models.Q(direction__in=Direction.values), name="message_direction_known"),
        )
        indexes = (
            models.Index(fields=("conversation", "-sent_at", "-id"), name="message_conversation_sent"),
            models.Index(fields=("send_after",), condition=models.Q(delivery_state="queued"), name="message_send_due"),
            # Search in messages: its order, and the words (`selectors.words` repeats condition and expression).
            models.Index(fields=("-sent_at", "-id"), condition=SEARCHED, name="message_sent"),
            GinIndex(OpClass(FOLDED_TEXT, name="gin_trgm_ops"), condition=SEARCHED, name="message_words"),
        )

    def __str__(self) -> str:
        return f"message {self.pk}"


class MediaFile(models.Model):
    """Our copy of one attachment of a message: `position` is its place in `Message.attachments`."""

    class State(models.TextChoices):
        PENDING = "pending", _("Being fetched")
        STORED = "stored", _("Stored")
        GONE = "gone", _("No longer there")
        REFUSED = "refused", _("Not taken over")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="media")
    position = models.SmallIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.PENDING, db_default=State.PENDING)
    tries = models.SmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(db_default=Now())  # when the sweep may try (again)
    file = models.CharField(max_length=200, blank=True, default="", db_default="")  # under MEDIA_ROOT
    thumbnail = models.CharField(max_length=200, blank=True, default="", db_default="")
    content_type = models.CharField(max_length=100, blank=True, default="", db_default="")  # sniffed, never told
    size = models.BigIntegerField(null=True, blank=True)  # bytes
    width = models.IntegerField(null=True, blank=True)  # pixels
    height = models.IntegerField(null=True, blank=True)
    error = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("message", "position"), name="media_file_once"),)
        indexes = (models.Index(fields=("next_at",), condition=models.Q(state="pending"), name="media_file_due"),)

    def __str__(self) -> str:
        return f"media file {self.pk}"


class ThreadControl(models.Model):
    """A moment at which another app took a chat (`ours` false) or gave it back: between them, we stood by."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="controls")
    at = models.DateTimeField()
    ours = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("conversation", "at", "ours"), name="thread_control_once"),)

    def __str__(self) -> str:
        return f"thread control {self.pk}"


class Gap(models.Model):
    """A stretch in which messages of a channel may have been missed; `ended_at` null while it lasts."""

    class Reason(models.TextChoices):
        DOWN = "down", _("This server was down")
        REFUSED = "refused", _("This server could not take messages")
        INACTIVE = "inactive", _("The webhook was switched off")
        UNSUBSCRIBED = "unsubscribed", _("The subscription was missing")

    channel = models.ForeignKey("contacts.Channel", on_delete=models.CASCADE, related_name="gaps")
    reason = models.CharField(max_length=16, choices=Reason)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "reason"), condition=models.Q(ended_at__isnull=True), name="gap_one_open"
            ),
        )
        indexes = (models.Index(fields=("channel", "started_at"), name="gap_channel_started"),)

    def __str__(self) -> str:
        return f"gap {self.pk}"


class Episode(models.Model):
    """One stretch of a conversation from opening to close; at most one is open. Times of reply come from here."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="episodes")
    opened_at = models.DateTimeField()
    first_reply_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("conversation",), condition=models.Q(closed_at__isnull=True), name="episode_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"episode {self.pk}"
