"""Channel: one page or account of the shop on a platform."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Platform(models.TextChoices):
    """Platform keys; each has an adapter in channels_ingest.platforms."""

    FACEBOOK = "facebook", "Facebook"
    INSTAGRAM = "instagram", "Instagram"
    LINE = "line", "LINE"
    WHATSAPP = "whatsapp", "WhatsApp"
    TELEGRAM = "telegram", "Telegram"


class Channel(models.Model):
    """`scope` says whose ids the channel's people have: its own, or those of a LINE provider."""

    platform = models.CharField(_("platform"), max_length=16, choices=Platform)
    external_id = models.CharField(_("account id"), max_length=255)
    name = models.CharField(_("name"), max_length=255)
    scope = models.CharField(max_length=300, blank=True, default="", db_default="")
    follow_makes_contact = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("platform", "name", "id")
        constraints = (
            models.UniqueConstraint(fields=("platform", "external_id"), name="channel_platform_external_id"),
            models.CheckConstraint(condition=models.Q(platform__in=Platform.values), name="channel_platform_known"),
        )

    def __str__(self) -> str:
        return f"{self.get_platform_display()} {self.name}"

    def save(self, *args: object, **kwargs: object) -> None:
        """A channel without a named scope has one of its own."""
        self.scope = self.scope or f"{self.platform}:{self.external_id}"
        super().save(*args, **kwargs)  # type: ignore[arg-type]
