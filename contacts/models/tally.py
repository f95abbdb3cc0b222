"""How many contacts there are of each kind, kept as small changes so that nobody counts a million rows to know it."""

from __future__ import annotations

from django.db import models
from django.db.models.expressions import RawSQL


class Tally(models.Model):
    """One change of the number of contacts with just these bits (contacts.covered); the number is their sum.

    Written by triggers alone (migration 0016). A change is a row of its own and not an update, so that writers never
    wait for each other; now and then one of them adds some up into the `folded` row of their bits.
    """

    change = models.IntegerField()
    traits = models.SmallIntegerField(db_default=0)
    label_mask = models.BigIntegerField(db_default=0)
    channel_mask = models.BigIntegerField(db_default=0)
    folded = models.BooleanField(db_default=False)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = (
            models.UniqueConstraint(
                fields=("channel_mask", "label_mask", "traits"),
                condition=models.Q(folded=True),
                name="tally_folded_once",
            ),
        )
        indexes = (models.Index(fields=("id",), condition=models.Q(folded=False), name="tally_loose"),)

    def __str__(self) -> str:
        return f"{self.change:+d}"


class TallyTotal(models.Model):
    """The one row that says what the folded tallies add up to: kinds are many, and all of them are asked for often.

    `folded` and the tallies that are not yet folded, read by one statement, are the number of contacts (EVERYBODY).
    """

    id = models.SmallIntegerField(primary_key=True)
    folded = models.BigIntegerField()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="tally_total_is_one"),)

    def __str__(self) -> str:
        return str(self.folded)


EVERYBODY = RawSQL(
    "SELECT coalesce((SELECT folded FROM contacts_tallytotal), 0)"
    " + coalesce((SELECT sum(change) FROM contacts_tally WHERE NOT folded), 0)",
    (),
    output_field=models.IntegerField(),
)
