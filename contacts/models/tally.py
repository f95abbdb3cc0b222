"""How many contacts there are, kept as small changes so that nobody counts a million rows to know it."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """One change of the number of contacts; the number is their sum. Written by triggers alone (migration 0009).

    A change is a row of its own and not an update, so that writers never wait for each other.
    """

    change = models.IntegerField()

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.change:+d}"
