"""Label: a coloured word that staff put on contacts."""

from __future__ import annotations

import unicodedata

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

KEY_LENGTH = 200


class Colour(models.TextChoices):
    """The twelve palette keys of the design; no free colours."""

    ROSE = "rose", _("Rose")
    CORAL = "coral", _("Coral")
    AMBER = "amber", _("Amber")
    LIME = "lime", _("Lime")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    SKY = "sky", _("Sky")
    BLUE = "blue", _("Blue")
    VIOLET = "violet", _("Violet")
    PLUM = "plum", _("Plum")
    BROWN = "brown", _("Brown")
    SLATE = "slate", _("Slate")


class Label(models.Model):
    """`name_key` is the name with case folded in Python: the database's lower() does not know every script."""

    name = models.CharField(_("name"), max_length=40)
    name_key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)
    colour = models.CharField(_("colour"), max_length=12, choices=Colour, default=Colour.SLATE, db_default=Colour.SLATE)
    description = models.CharField(_("description"), max_length=200, blank=True, default="", db_default="")
    archived = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("name_key", "id")
        constraints = (models.CheckConstraint(condition=models.Q(colour__in=Colour.values), name="label_colour_known"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the key in step with the name on every save."""
        self.name_key = label_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


def label_key(name: str) -> str:
    """The key two names share when they differ only in case, width or surrounding space."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
