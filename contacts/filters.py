"""The list's filters, declared: names and values of the URL, what each may hold, and the rows each keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from labels.models import Label
from saifa_crm.lib.dates import bangkok_day_range, day_start

from .models import Channel, Contact, Platform, UserType
from .search import clean_query, search_condition

# Longer than any name, email or number kept, decomposed marks included: it can match nothing.
LONGEST_SEARCH = 1000
UNKNOWN: dict[str, Any] = {"invalid_choice": _("There is nothing of that name or number here.")}
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class SearchField(forms.Field):
    """Words to look for; NUL and lone surrogates read as they are stored."""

    def to_python(self, value: Any) -> str:
        text = clean_query(str(value or ""))
        if len(text) > LONGEST_SEARCH:
            raise ValidationError(_("The search is too long."))
        return text


class SomeOfField(forms.MultipleChoiceField):
    """A repeatable parameter: empty values (an untouched form) are left out, repeats count once."""

    default_error_messages = UNKNOWN

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(text for text in super().to_python(value) if text.strip()))


class DayField(forms.Field):
    """One day as YYYY-MM-DD, and nothing looser."""

    def to_python(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            if ISO_DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise ValidationError(_("A date is written as YYYY-MM-DD."))


class SearchFilter(django_filters.Filter):
    field_class = SearchField


class SomeOfFilter(django_filters.Filter):
    field_class = SomeOfField


class DayFilter(django_filters.Filter):
    field_class = DayField


class FilterForm(forms.Form):
    """What only shows when two parameters are looked at together."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        start, end = data.get("active_from"), data.get("active_to")
        if start and end and start > end:
            self.add_error("active_to", _("The last day is before the first."))
        return data


class ContactFilter(django_filters.FilterSet):
    """Parameters are joined by AND; the values of a repeated one by OR (labels: as `label_match` says)."""

    q = SearchFilter(method="keep_matches", label=_("Search"))
    platform = SomeOfFilter(
        field_name="platforms", lookup_expr="overlap", choices=Platform.choices, label=_("Platform")
    )
    channel = SomeOfFilter(method="keep_channels", label=_("Channel"))
    label = SomeOfFilter(method="keep_labels", label=_("Label"))
    label_match = django_filters.ChoiceFilter(
        choices=[("any", _("Any of them")), ("all", _("All of them"))],
        method="keep_all",
        label=_("Label match"),
        error_messages=UNKNOWN,
    )
    user_type = django_filters.ChoiceFilter(choices=UserType.choices, label=_("User Type"), error_messages=UNKNOWN)
    active_from = DayFilter(method="keep_from", label=_("Latest contact from"))
    active_to = DayFilter(method="keep_to", label=_("Latest contact to"))

    class Meta:
        model = Contact
        form = FilterForm
        fields: list[str] = []

    def __init__(
        self,
        data: Mapping[str, Any],
        queryset: QuerySet[Contact],
        *,
        channels: Sequence[Channel],
        labels: Sequence[Label],
    ) -> None:
        super().__init__(data, queryset)
        self.filters["channel"].extra["choices"] = [(str(channel.pk), str(channel)) for channel in channels]
        self.filters["label"].extra["choices"] = [(str(label.pk), label.name) for label in labels]

    def keep_matches(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        return queryset.filter(search_condition(value))

    def keep_channels(self, queryset: QuerySet[Contact], name: str, value: list[str]) -> QuerySet[Contact]:
        return queryset.filter(channel_ids__overlap=[int(pk) for pk in value])

    def keep_labels(self, queryset: QuerySet[Contact], name: str, value: list[str]) -> QuerySet[Contact]:
        lookup = "contains" if self.form.cleaned_data.get("label_match") == "all" else "overlap"
        return queryset.filter(**{f"label_ids__{lookup}": [int(pk) for pk in value]})

    def keep_all(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        return queryset

    def keep_from(self, queryset: QuerySet[Contact], name: str, value: date) -> QuerySet[Contact]:
        return queryset.filter(latest_contact_at__gte=day_start(value))

    def keep_to(self, queryset: QuerySet[Contact], name: str, value: date) -> QuerySet[Contact]:
        _start, end = bangkok_day_range(None, value)
        if end is None:  # the calendar's last day: there is none after it
            return queryset.filter(latest_contact_at__isnull=False)
        return queryset.filter(latest_contact_at__lt=end)
