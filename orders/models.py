"""Order: what a contact bought; database triggers keep Contact.value the sum of the counted ones."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where an order stands."""

    PENDING = "pending", _("Awaiting payment")
    PAID = "paid", _("Paid")
    SHIPPED = "shipped", _("Shipped")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")


class OrderQuerySet(models.QuerySet["Order"]):
    """Reads that more than one place needs."""

    def counted(self) -> OrderQuerySet:
        """Orders that make up a contact's value: completed, and paid or shipped unless cash on delivery."""
        paid = models.Q(status__in=(Status.PAID, Status.SHIPPED), is_cod=False)
        return self.filter(models.Q(status=Status.COMPLETED) | paid)


# What an order is looked for by: its number, then what its source calls it, a line each; folded for a trigram index.
SEARCHED_KEYS = models.Func(
    models.F("number"),
    models.F("external_id"),
    template="upper(%(expressions)s)",
    arg_joiner=r" || E'\n' || ",
    output_field=models.TextField(),
)


class Order(models.Model):
    """`lines` is a list of {"name", "quantity", "price"}; nothing ties it to `total`: shops give discounts."""

    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )
    source = models.CharField(max_length=32, default="manual", db_default="manual")
    external_id = models.CharField(max_length=255)
    number = models.CharField(_("order number"), max_length=64, blank=True, default="", db_default="")
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.PENDING, db_default=Status.PENDING
    )
    is_cod = models.BooleanField(_("cash on delivery"), default=False, db_default=False)
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)  # THB
    refunded = models.DecimalField(_("refunded"), max_digits=12, decimal_places=2, default=0, db_default=0)  # THB
    placed_at = models.DateTimeField(_("placed"), db_default=Now())
    lines = models.JSONField(default=list, db_default=[], blank=True)
    note = models.TextField(_("note"), blank=True, default="", db_default="")
    revision = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "external_id"), name="order_source_external_id"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="order_status_known"),
        )
        indexes = (
            models.Index(fields=("contact", "-placed_at", "-id"), name="order_contact_placed"),
            GinIndex(OpClass(SEARCHED_KEYS, name="gin_trgm_ops"), name="order_keys"),
        )

    def __str__(self) -> str:
        return self.number or self.external_id

    @property
    def is_counted(self) -> bool:
        if self.status == Status.COMPLETED:
            return True
        return self.status in (Status.PAID, Status.SHIPPED) and not self.is_cod

    @property
    def net(self) -> Decimal:
        """What the order adds to the value if counted, THB."""
        return self.total - self.refunded
