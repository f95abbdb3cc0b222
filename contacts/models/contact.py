"""Contact: one person, whatever accounts they write from."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.covered import VIP, Mask, Traits
from contacts.fields import DerivedTextField
from saifa_crm.lib.phones import format_phone, national_digits
from saifa_crm.lib.romanise import thai_keys
from saifa_crm.lib.thai_text import search_key, sort_key, spelling


class UserType(models.TextChoices):
    """What the shop calls the person."""

    USER = "user", _("User")
    VIP = "vip", _("VIP")


def _sort_name(contact: Contact) -> str:
    return sort_key(contact.name)


def _phone_display(contact: Contact) -> str:
    return format_phone(contact.phone)


def _search_text(contact: Contact) -> str:
    digits = "".join(ch for ch in contact.phone if ch.isdigit())
    parts = (contact.name, contact.email, digits, national_digits(contact.phone))
    lines = [key for key in map(search_key, parts) if key]
    if sounds := thai_keys(spelling(contact.name)):
        lines.append(f" {' '.join(sounds)} ")  # how the name sounds: contacts.search looks for whole keys by the spaces
    return "\n".join(lines)


KEPT_BY_TRIGGERS = {
    "value", "order_count", "channel_ids", "platforms", "label_ids", "following", "blocked", "usernames",
}  # fmt: skip
# What the list's filters need beside the key of an order: a page and its total then come from an index alone. Those of
# one width that are never null come first: PostgreSQL knows where each stands without reading what is before it.
BITS = ("traits", "label_mask", "channel_mask")
COVERED = (*BITS, "first_contact_at")
DERIVED = {"sort_name", "search_text", "phone_display"}


class Contact(models.Model):
    """What triggers keep is in KEPT_BY_TRIGGERS; masks and traits are the database's own."""

    name = models.CharField(_("name"), max_length=255, blank=True, default="", db_default="")
    name_is_manual = models.BooleanField(default=False, db_default=False)
    picture_url = models.TextField(blank=True, default="", db_default="")
    user_type = models.CharField(
        _("user type"), max_length=8, choices=UserType, default=UserType.USER, db_default=UserType.USER
    )
    phone = models.CharField(_("phone"), max_length=32, blank=True, default="", db_default="")  # E.164
    # As people read it (081-234-5678), kept on the row so that the report is one COPY with no formatting in SQL.
    phone_display = DerivedTextField(compute=_phone_display)
    email = models.EmailField(_("email"), max_length=254, blank=True, default="", db_default="")
    address = models.TextField(_("address"), blank=True, default="", db_default="")
    first_contact_at = models.DateTimeField(null=True, blank=True)
    latest_contact_at = models.DateTimeField(null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, default=0, db_default=0)  # THB
    order_count = models.IntegerField(default=0, db_default=0)  # counted orders: those that make up `value`
    revision = models.IntegerField(default=0, db_default=0)  # bumped by staff edits: two editors notice each other
    labels = models.ManyToManyField(
        "labels.Label", through="contacts.ContactLabel", related_name="contacts", blank=True
    )
    channel_ids = ArrayField(models.IntegerField(), default=list, db_default=[], editable=False)
    platforms = ArrayField(models.CharField(max_length=16), default=list, db_default=[], editable=False)
    label_ids = ArrayField(models.IntegerField(), default=list, db_default=[], editable=False)
    # Whether any of the person's accounts follows a channel, or has blocked one.
    following = models.BooleanField(default=False, db_default=False, editable=False)
    blocked = models.BooleanField(default=False, db_default=False, editable=False)
    # The arrays and flags once more, small enough for an index: see contacts.covered.
    label_mask = models.GeneratedField(
        expression=Mask("label_ids"), output_field=models.BigIntegerField(), db_persist=True
    )
    channel_mask = models.GeneratedField(
        expression=Mask("channel_ids"), output_field=models.BigIntegerField(), db_persist=True
    )
    traits = models.GeneratedField(expression=Traits(), output_field=models.SmallIntegerField(), db_persist=True)
    sort_name = DerivedTextField(compute=_sort_name, db_collation="C")
    search_text = DerivedTextField(compute=_search_text)
    # User names of all the person's accounts, lower-case, each on a line of its own: kept by triggers (migration 0010).
    usernames = models.TextField(default="", db_default="", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(user_type__in=UserType.values), name="contact_user_type_known"),
        )
        indexes = (
            models.Index(
                models.F("latest_contact_at").desc(nulls_last=True),
                models.F("id").desc(),
                include=(*COVERED, "value"),
                name="contact_latest_covered",
            ),
            models.Index(
                models.F("latest_contact_at").asc(nulls_last=True),
                models.F("id").asc(),
                include=(*COVERED, "value"),
                name="contact_latest_up_covered",
            ),
            models.Index(fields=("value", "id"), include=(*COVERED, "latest_contact_at"), name="contact_value_covered"),
            models.Index(
                models.F("latest_contact_at").desc(nulls_last=True),
                models.F("id").desc(),
                include=(*COVERED, "value"),
                condition=models.Q(traits__every_bit=VIP),
                name="contact_vip_covered",
            ),
            models.Index(
                fields=("first_contact_at", "id"),
                include=(*BITS, "latest_contact_at", "value"),
                name="contact_first_covered",
            ),
            models.Index(fields=("sort_name", "id"), include=COVERED, name="contact_name_covered"),
            GinIndex(fields=("label_ids",), name="contact_label_ids"),
            GinIndex(fields=("channel_ids",), name="contact_channel_ids"),
            GinIndex(fields=("platforms",), name="contact_platforms"),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Never writes what triggers keep (a stale instance would undo them); always writes what derives from it."""
        if not self._state.adding and not kwargs.get("force_insert"):
            names = kwargs.get("update_fields")
            if names is None:
                fields = self._meta.concrete_fields
                names = [field.name for field in fields if not (field.primary_key or field.generated)]
            kwargs["update_fields"] = {*names, *DERIVED} - KEPT_BY_TRIGGERS
        super().save(*args, **kwargs)

    @property
    def is_vip(self) -> bool:
        return self.user_type == UserType.VIP


class ContactLabel(models.Model):
    """A label on a contact."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="contact_labels")
    label = models.ForeignKey("labels.Label", on_delete=models.CASCADE, related_name="contact_labels")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("contact", "label"), name="contact_label_once"),)

    def __str__(self) -> str:
        return f"{self.contact_id}:{self.label_id}"
