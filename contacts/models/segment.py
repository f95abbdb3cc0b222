"""Segment: filters and an order of the list, kept under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from labels.models import KEY_LENGTH, label_key

NAME_LENGTH = 60


class Segment(models.Model):
    """`query` is a canonical query string (contacts.segments); `name_key` the name with case folded in Python.

    `position` orders all segments of the shop; two of them change places by exchanging it.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="segments")
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    name_key = models.CharField(max_length=KEY_LENGTH, editable=False)
    query = models.TextField()
    shared = models.BooleanField(default=False, db_default=False)
    position = models.IntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("owner", "name_key"), name="segment_name_once"),
            # Deferred: in between, two that change places hold the same one.
            models.UniqueConstraint(
                fields=("position",), name="segment_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(name_key="") & ~models.Q(query=""),
                name="segment_named_and_filled",
            ),
        )
        indexes = (models.Index(fields=("position",), condition=models.Q(shared=True), name="segment_shared"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the key in step with the name on every save."""
        self.name_key = label_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
