"""Exports: who took, or asked for, which copy of the list, and what an Owner wants to be asked about."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExportState(models.TextChoices):
    """A job waits for an Owner where it must, is queued, runs and ends; a stream runs and ends."""

    WAITING = "waiting", _("Waiting for approval")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Preparing")
    DONE = "done", _("Ready")
    DECLINED = "declined", _("Declined")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


EXPORT_LIVE = (ExportState.WAITING, ExportState.QUEUED, ExportState.RUNNING)


class ExportWay(models.TextChoices):
    """A stream goes straight to the browser and is kept nowhere; a job leaves a file for a day."""

    STREAM = "stream"
    JOB = "job"


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"


class ExportJob(models.Model):
    """One export. The row stays when the file is gone: it is the history."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    query = models.TextField(blank=True, default="", db_default="")  # the list's filters and order, as in its URL
    ids = ArrayField(models.IntegerField(), default=list, db_default=[], blank=True)  # ticked rows, in place of filters
    with_email = models.BooleanField(default=False, db_default=False)  # of them only those with an email address
    columns = ArrayField(models.CharField(max_length=32), default=list, db_default=[], blank=True)  # empty: all
    filters = models.JSONField(default=list, db_default=[], blank=True)  # [name, value] in English words, as they were
    format = models.CharField(max_length=8, choices=ExportFormat, default=ExportFormat.CSV, db_default=ExportFormat.CSV)
    way = models.CharField(max_length=8, choices=ExportWay, default=ExportWay.STREAM, db_default=ExportWay.STREAM)
    state = models.CharField(max_length=12, choices=ExportState, default=ExportState.DONE, db_default=ExportState.DONE)
    problem = models.CharField(max_length=20, blank=True, default="", db_default="")  # key of contacts.export_words
    counted = models.IntegerField(null=True)  # contacts when it was asked for
    rows = models.IntegerField(null=True)  # rows written so far; of a stream, only once all were sent
    file_name = models.CharField(max_length=100, blank=True, default="", db_default="")  # as the reader saves it
    stored_as = models.CharField(max_length=100, blank=True, default="", db_default="")  # in contacts.exports.files
    sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    size = models.BigIntegerField(null=True)  # bytes
    attempt = models.IntegerField(default=0, db_default=0)  # a run that was taken for dead must not write any more
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True)  # the last sign of life of a running job
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # of the file

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(condition=models.Q(way__in=ExportWay.values), name="export_way_known"),
            models.CheckConstraint(condition=models.Q(format__in=ExportFormat.values), name="export_format_known"),
        )
        indexes = (
            models.Index(fields=("actor", "-created_at", "-id"), name="export_of_actor"),
            models.Index(fields=("-created_at", "-id"), name="export_latest"),
            models.Index(fields=("state",), condition=models.Q(state__in=EXPORT_LIVE), name="export_live"),
        )

    def __str__(self) -> str:
        return f"{self.created_at} {self.query}"

    @property
    def is_live(self) -> bool:
        return self.state in EXPORT_LIVE

    @property
    def is_stream(self) -> bool:
        return self.way == ExportWay.STREAM

    @property
    def has_file(self) -> bool:
        return self.state_now == ExportState.DONE and bool(self.stored_as)

    @property
    def state_now(self) -> ExportState:
        """Expired to the second, however late the sweep comes by that deletes the file and says so."""
        past = self.expires_at is not None and self.expires_at <= timezone.now()
        return ExportState.EXPIRED if past and self.state == ExportState.DONE else ExportState(self.state)

    @property
    def percent(self) -> int:
        return min((self.rows or 0) * 100 // self.counted, 100) if self.counted else 0


class ExportPolicy(models.Model):
    """The shop's one row of settings: exports of more contacts than this wait for an Owner; null: none does."""

    approval_above = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "export policies"
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="export_policy_single"),)

    def __str__(self) -> str:
        return f"approval above {self.approval_above}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """There is one."""
        self.pk = 1
        super().save(*args, **kwargs)
