"""What the list looks at of a contact, in a narrow row: a search reads a fifth of what it would read of contacts."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models


class ListEntry(models.Model):
    """A copy of a contact's columns of these names, written by triggers alone (migration 0017).

    `searched` holds all texts that a search looks through, as contacts.search says. `sort_start` is how the contact's
    `sort_name` begins: enough to tell between which names a page lies. Only what is searched is indexed: a new latest
    contact changes nothing but the row itself. Columns of one width stand before the texts, where PostgreSQL finds them
    without reading what is before them.
    """

    contact = models.OneToOneField(
        "contacts.Contact", models.DO_NOTHING, primary_key=True, related_name="entry", db_constraint=False
    )
    traits = models.SmallIntegerField()
    label_mask = models.BigIntegerField()
    channel_mask = models.BigIntegerField()
    first_contact_at = models.DateTimeField(null=True)
    latest_contact_at = models.DateTimeField(null=True)
    searched = models.TextField()
    value = models.DecimalField(max_digits=14, decimal_places=2)
    sort_start = models.TextField(db_collation="C")  # the first 9 characters

    class Meta:
        verbose_name_plural = "list entries"
        indexes = (GinIndex(OpClass("searched", "gin_trgm_ops"), name="entry_searched"),)

    def __str__(self) -> str:
        return str(self.pk)
