"""ListPreference: how a person wants the contact list."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Density(models.TextChoices):
    """Height of the list's rows: 44 or 36 px."""

    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class ListPreference(models.Model):
    """`columns`: keys of the columns shown, in order; empty is the usual seven. Keys that are gone are passed over."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_preference")
    columns = models.JSONField(default=list, db_default=[], blank=True)
    density = models.CharField(
        max_length=12, choices=Density, default=Density.COMFORTABLE, db_default=Density.COMFORTABLE
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(density__in=Density.values), name="list_density_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.columns or 'as usual'}"
