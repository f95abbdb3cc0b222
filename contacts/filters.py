"""The list's filters, declared: names and values of the URL, what each may hold, and the rows each keeps."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from labels.models import Label
from saifa_crm.lib.dates import bangkok_day_range, day_start, today

from . import covered
from .models import Channel, Contact, ListEntry, Platform, Tally, UserType
from .search import clean_query, search_condition

# Longer than any name, email or number kept, decomposed marks included: it can match nothing.
LONGEST_SEARCH = 1000
LONGEST_DAYS = 3660
MOST_BAHT = Decimal("999999999999.99")  # what `value` can hold
UNKNOWN: dict[str, Any] = {"invalid_choice": _("There is nothing of that name or number here.")}
# Filters that the bits of a contact answer, and so a tally of them does.
COUNTED = {"platform", "channel", "label", "label_match", "user_type", "bought", "has_phone", "has_email", "follow"}
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


class BahtField(forms.DecimalField):
    """An amount in baht, as 1500, 1,500.50 or ฿1,500."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, min_value=-MOST_BAHT, max_value=MOST_BAHT, max_digits=14, decimal_places=2)

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value or "").replace(",", "").replace("฿", ""))


class DaysField(forms.IntegerField):
    """A number of days."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, min_value=1, max_value=LONGEST_DAYS)


class SearchFilter(django_filters.Filter):
    field_class = SearchField


class SomeOfFilter(django_filters.Filter):
    field_class = SomeOfField


class DayFilter(django_filters.Filter):
    field_class = DayField


class BahtFilter(django_filters.Filter):
    field_class = BahtField


class DaysFilter(django_filters.Filter):
    field_class = DaysField


class YesNoFilter(django_filters.ChoiceFilter):
    """`yes` or `no` to one of the bits of `contacts.covered`; `kept` is the plain condition of a yes."""

    def __init__(self, kept: Q, bit: int, **kwargs: Any) -> None:
        super().__init__(
            choices=(("yes", _("Yes")), ("no", _("No"))), method="keep_yes_no", error_messages=UNKNOWN, **kwargs
        )
        self.kept, self.bit = kept, bit


class FilterForm(forms.Form):
    """What only shows when two parameters are looked at together."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        self._in_order("active_from", "active_to", _("The last day is before the first."))
        self._in_order("first_from", "first_to", _("The last day is before the first."))
        self._in_order("value_min", "value_max", _("The highest value is below the lowest."))
        return data

    def _in_order(self, low: str, high: str, message: Any) -> None:
        first, last = self.cleaned_data.get(low), self.cleaned_data.get(high)
        if first is not None and last is not None and first > last:
            self.add_error(high, message)


class ContactFilter(django_filters.FilterSet):
    """Parameters are joined by AND; the values of a repeated one by OR (labels: as `label_match` says).

    The same contacts can be asked for in several ways: `qs` by the columns themselves, which their own indexes serve
    where little matches; `covered_qs` by what the covering indexes hold, which reads no row however much matches;
    `entries_qs` in the narrow copies that a search looks through; `tally_qs` only to be counted.
    """

    q = SearchFilter(method="keep_matches", label=_("Search"))
    platform = SomeOfFilter(method="keep_platforms", choices=Platform.choices, label=_("Platform"))
    channel = SomeOfFilter(method="keep_channels", label=_("Channel"))
    label = SomeOfFilter(method="keep_labels", label=_("Label"))
    label_match = django_filters.ChoiceFilter(
        choices=[("any", _("Any of them")), ("all", _("All of them"))],
        method="keep_all",
        label=_("Label match"),
        error_messages=UNKNOWN,
    )
    user_type = django_filters.ChoiceFilter(
        choices=UserType.choices, method="keep_type", label=_("User Type"), error_messages=UNKNOWN
    )
    value_min = BahtFilter(field_name="value", lookup_expr="gte", label=_("Value from"))
    value_max = BahtFilter(field_name="value", lookup_expr="lte", label=_("Value to"))
    bought = YesNoFilter(Q(order_count__gt=0), covered.BOUGHT, label=_("Has bought"))
    has_phone = YesNoFilter(~Q(phone=""), covered.PHONE, label=_("Phone Number"))
    has_email = YesNoFilter(~Q(email=""), covered.EMAIL, label=_("Email"))
    follow = django_filters.ChoiceFilter(
        choices=[("following", _("Following")), ("blocked", _("Blocked"))],
        method="keep_follow",
        label=_("Follow state"),
        error_messages=UNKNOWN,
    )
    first_from = DayFilter(field_name="first_contact_at", method="keep_from", label=_("First contact from"))
    first_to = DayFilter(field_name="first_contact_at", method="keep_to", label=_("First contact to"))
    new_days = DaysFilter(method="keep_new", label=_("New in days"))
    active_from = DayFilter(field_name="latest_contact_at", method="keep_from", label=_("Latest contact from"))
    active_to = DayFilter(field_name="latest_contact_at", method="keep_to", label=_("Latest contact to"))
    silent_days = DaysFilter(method="keep_silent", label=_("Silent for days"))

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
        self.channels = channels
        self.from_index = False
        # Only what is asked becomes a field of the form: of eighteen most lists ask one or two.
        for name in self.filters.keys() - data.keys():
            del self.filters[name]
        if "channel" in self.filters:
            self.filters["channel"].extra["choices"] = [(str(channel.pk), str(channel)) for channel in channels]
        if "label" in self.filters:
            self.filters["label"].extra["choices"] = [(str(label.pk), label.name) for label in labels]

    def asks(self, name: str) -> bool:
        """Whether a valid filter of that name holds contacts back."""
        return self.form.cleaned_data.get(name) not in (None, "", [])

    @property
    def is_active(self) -> bool:
        return any(self.asks(name) for name in self.filters if name != "label_match")

    @property
    def covered_qs(self) -> QuerySet[Contact] | None:
        """The rows of `qs` by the covering indexes; None where those do not hold all that is asked."""
        return None if self.asks("q") else self.by_bits(self.queryset)

    @property
    def entries_qs(self) -> QuerySet[ListEntry] | None:
        """The entries of the rows of a search; None where it is none, or they do not hold all that is asked."""
        return self.by_bits(ListEntry.objects) if self.asks("q") else None

    @property
    def listed_qs(self) -> QuerySet[ListEntry]:
        """The same without the search itself."""
        return self.by_bits(ListEntry.objects, only=self.filters.keys() - {"q"})

    @property
    def tally_qs(self) -> QuerySet[Tally] | None:
        """Tallies whose sum is the number of rows; None where something is asked that they do not know."""
        if any(self.asks(name) for name in self.filters if name not in COUNTED):
            return None
        return self.by_bits(Tally.objects, only=COUNTED)

    def by_bits(self, rows: Any, *, only: Collection[str] | None = None) -> Any:
        """What is asked (`only` of these) of a model with the columns of `covered`; None where an id has no bit."""
        data = self.form.cleaned_data
        named = map(int, (*data.get("channel", ()), *data.get("label", ())))
        ids = (*named, *self._of_platforms(data.get("platform", ())))
        if not covered.has_bit(ids):
            return None
        self.from_index = True
        try:
            rows = rows.all()
            for name, value in data.items():
                if only is None or name in only:
                    rows = self.filters[name].filter(rows, value)
            return rows
        finally:
            self.from_index = False

    def _of_platforms(self, platforms: Sequence[str]) -> list[int]:
        return [channel.pk for channel in self.channels if channel.platform in platforms]

    def keep_matches(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        return queryset.filter(search_condition(value, of="" if queryset.model is ListEntry else "entry__"))

    def keep_platforms(self, queryset: QuerySet[Contact], name: str, value: list[str]) -> QuerySet[Contact]:
        if self.from_index:
            return _some_bit(queryset, "channel_mask", self._of_platforms(value))
        return queryset.filter(platforms__overlap=value)

    def keep_channels(self, queryset: QuerySet[Contact], name: str, value: list[str]) -> QuerySet[Contact]:
        ids = [int(pk) for pk in value]
        if self.from_index:
            return _some_bit(queryset, "channel_mask", ids)
        return queryset.filter(channel_ids__overlap=ids)

    def keep_labels(self, queryset: QuerySet[Contact], name: str, value: list[str]) -> QuerySet[Contact]:
        ids = [int(pk) for pk in value]
        every = self.form.cleaned_data.get("label_match") == "all"
        if self.from_index:
            return (_every_bit if every else _some_bit)(queryset, "label_mask", ids)
        return queryset.filter(**{"label_ids__contains" if every else "label_ids__overlap": ids})

    def keep_all(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        return queryset

    def keep_type(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        if self.from_index:
            return _bit(queryset, covered.VIP, value == UserType.VIP)
        return queryset.filter(user_type=value)

    def keep_yes_no(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        asked = self.filters[name]
        if self.from_index:
            return _bit(queryset, asked.bit, value == "yes")
        return queryset.filter(asked.kept if value == "yes" else ~asked.kept)

    def keep_follow(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        if self.from_index:
            return _bit(queryset, {"following": covered.FOLLOWING, "blocked": covered.BLOCKED}[value], True)
        return queryset.filter(**{value: True})

    def keep_from(self, queryset: QuerySet[Contact], name: str, value: date) -> QuerySet[Contact]:
        return queryset.filter(**{f"{name}__gte": day_start(value)})

    def keep_to(self, queryset: QuerySet[Contact], name: str, value: date) -> QuerySet[Contact]:
        _start, end = bangkok_day_range(None, value)
        if end is None:  # the calendar's last day: there is none after it
            return queryset.filter(**{f"{name}__isnull": False})
        return queryset.filter(**{f"{name}__lt": end})

    def keep_new(self, queryset: QuerySet[Contact], name: str, value: int) -> QuerySet[Contact]:
        """First contact today or on one of the days before, `value` days in all."""
        return queryset.filter(first_contact_at__gte=day_start(today() - timedelta(days=value - 1)))

    def keep_silent(self, queryset: QuerySet[Contact], name: str, value: int) -> QuerySet[Contact]:
        """The latest contact was at least that many days ago."""
        return queryset.filter(latest_contact_at__lt=day_start(today() - timedelta(days=value - 1)))


def _some_bit(queryset: QuerySet[Contact], mask: str, ids: Sequence[int]) -> QuerySet[Contact]:
    return queryset.filter(**{f"{mask}__some_bit": covered.mask_of(ids)})


def _every_bit(queryset: QuerySet[Contact], mask: str, ids: Sequence[int]) -> QuerySet[Contact]:
    return queryset.filter(**{f"{mask}__every_bit": covered.mask_of(ids)})


def _bit(queryset: QuerySet[Contact], bit: int, wanted: bool) -> QuerySet[Contact]:
    return queryset.filter(Q(traits__every_bit=bit) if wanted else ~Q(traits__every_bit=bit))
