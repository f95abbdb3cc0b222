"""Changes of many contacts at once: a job, and the contacts it was counted with."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class BulkState(models.TextChoices):
    """A job is counted (draft), then confirmed (running), and ends in one of two ways."""

    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class BulkJob(models.Model):
    """One change of many contacts. `counted` contacts were put down in BulkItem before anybody was asked to confirm."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=40)  # a key of contacts.bulk_actions
    choices = ArrayField(models.IntegerField(), default=list, db_default=[])  # ids of labels, or of a person
    query = models.TextField(blank=True, default="", db_default="")  # the list's filters; empty for ticked rows
    state = models.CharField(max_length=12, choices=BulkState, default=BulkState.DRAFT, db_default=BulkState.DRAFT)
    counted = models.IntegerField(default=0, db_default=0)
    reached = models.IntegerField(default=0, db_default=0)  # the last contact id that was worked on
    done = models.IntegerField(default=0, db_default=0)  # contacts worked on
    changed = models.IntegerField(default=0, db_default=0)  # of them: those that were not so already
    missing = models.IntegerField(default=0, db_default=0)  # of them: those erased or joined since
    undo_of = models.OneToOneField("self", null=True, on_delete=models.CASCADE, related_name="undo")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True)  # the last sign of life of a running job
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(state__in=BulkState.values), name="bulk_state_known"),)
        indexes = (
            models.Index(fields=("touched_at",), condition=models.Q(state="running"), name="bulk_running"),
            models.Index(fields=("created_at",), name="bulk_created"),
        )

    def __str__(self) -> str:
        return f"{self.action} of {self.counted}"

    @property
    def is_running(self) -> bool:
        return self.state == BulkState.RUNNING

    @property
    def percent(self) -> int:
        return self.done * 100 // self.counted if self.counted else 100


class BulkItem(models.Model):
    """A contact of a job. `touched`: null until its turn, then what changed on it (ids of labels or chats, 1 for VIP).

    Neither column is a foreign key of the database: a million are written by one statement, and an erased contact is
    skipped and counted, not waited for.
    """

    pk = models.CompositePrimaryKey("job_id", "contact_id")
    job = models.ForeignKey(
        BulkJob, on_delete=models.CASCADE, related_name="items", db_constraint=False, db_index=False
    )
    contact_id = models.IntegerField()
    touched = ArrayField(models.IntegerField(), null=True)

    def __str__(self) -> str:
        return f"{self.job_id}:{self.contact_id}"
