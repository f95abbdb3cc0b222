"""The filter bar of the list: choices, counts on the buttons, date presets, chips of what is active."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from saifa_crm.lib.dates import format_day
from saifa_crm.lib.dates import today as today_in_bangkok
from saifa_crm.lib.ids import read_id
from saifa_crm.lib.money import format_baht

from .list_urls import ListUrl
from .models import Platform, UserType
from .selectors.listing import Listing

Text = str | Promise
YES_NO: dict[str, Text] = {"yes": _("Yes"), "no": _("No")}
# name: title, answers, and what a chip says of each
QUESTIONS: dict[str, tuple[Text, dict[str, Text], dict[str, Text]]] = {
    "has_phone": (_("Phone Number"), YES_NO, {"yes": _("Has one"), "no": _("Has none")}),
    "has_email": (_("Email"), YES_NO, {"yes": _("Has one"), "no": _("Has none")}),
    "bought": (_("Has bought"), YES_NO, YES_NO),
    "follow": (
        _("Follow state"),
        {"following": _("Following"), "blocked": _("Blocked")},
        {"following": _("Following"), "blocked": _("Blocked")},
    ),
}
MORE = (*QUESTIONS, "value_min", "value_max", "first_from", "first_to", "new_days", "silent_days")


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the list without it."""

    title: Text
    value: str
    url: ListUrl
    more: bool = False  # of the filters behind "More"


@dataclass(frozen=True)
class Choice:
    """One answer to a question that has few."""

    value: str
    title: Text
    chosen: bool


@dataclass(frozen=True)
class Question:
    """A filter with few answers, none of them at first."""

    name: str
    title: Text
    choices: list[Choice]


@dataclass(frozen=True)
class Preset:
    """A named range of days."""

    title: Text
    url: ListUrl
    chosen: bool


@dataclass
class FilterBar:
    """What templates/contacts/_filters.html and _chips.html show; issues no query."""

    listing: Listing
    url: ListUrl

    def chosen(self, name: str) -> set[str]:
        return {value for key, value in self.url.pairs if key == name}

    def value(self, name: str) -> str:
        return next((value for key, value in self.url.pairs if key == name), "")

    @property
    def q(self) -> str:
        return self.value("q")

    @cached_property
    def questions(self) -> list[Question]:
        return [
            Question(
                name,
                title,
                [Choice("", _("Any"), not self.value(name))]
                + [Choice(value, text, self.value(name) == value) for value, text in answers.items()],
            )
            for name, (title, answers, _chips) in QUESTIONS.items()
        ]

    @cached_property
    def typed(self) -> dict[str, str]:
        """What stands in the fields behind "More"."""
        return {name: self.value(name) for name in MORE if name not in QUESTIONS}

    @property
    def active_from(self) -> str:
        return self.value("active_from")

    @property
    def active_to(self) -> str:
        return self.value("active_to")

    @cached_property
    def platform_choices(self) -> list[dict[str, Any]]:
        """Platforms with a channel here, and those asked for."""
        chosen = self.chosen("platform")
        present = {channel.platform for channel in self.listing.channels.values()} | chosen
        return [
            {"value": p.value, "title": p.label, "chosen": p.value in chosen} for p in Platform if p.value in present
        ]

    @cached_property
    def channel_choices(self) -> list[dict[str, Any]]:
        chosen = self.chosen("channel")
        return [
            {"value": str(pk), "title": str(channel), "platform": channel.platform, "chosen": str(pk) in chosen}
            for pk, channel in self.listing.channels.items()
        ]

    @cached_property
    def label_choices(self) -> list[dict[str, Any]]:
        """Labels in use; an archived one only while it is asked for."""
        chosen = self.chosen("label")
        return [
            {"value": str(pk), "title": label.name, "colour": label.colour, "chosen": str(pk) in chosen}
            for pk, label in self.listing.labels.items()
            if not label.archived or str(pk) in chosen
        ]

    @cached_property
    def user_type_choices(self) -> list[dict[str, Any]]:
        chosen = self.value("user_type")
        everyone = [{"value": "", "title": _("Everyone"), "chosen": not chosen}]
        return everyone + [{"value": t.value, "title": t.label, "chosen": t.value == chosen} for t in UserType]

    @property
    def match_all(self) -> bool:
        return self.value("label_match") == "all"

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many values each filter button holds."""
        return {
            "channel": len(self.chosen("platform")) + len(self.chosen("channel")),
            "label": len(self.chosen("label")),
            "user_type": len(self.chosen("user_type")),
            "date": len(self.chosen("active_from") | self.chosen("active_to")),
            "more": sum(chip.more for chip in self.chips),
        }

    @cached_property
    def clear(self) -> dict[str, ListUrl]:
        """The list without each filter."""
        return {
            "channel": self.url.without("platform", "channel"),
            "label": self.url.without("label", "label_match"),
            "user_type": self.url.without("user_type"),
            "date": self.url.without("active_from", "active_to"),
            "more": self.url.without(*MORE),
        }

    @cached_property
    def presets(self) -> list[Preset]:
        today = today_in_bangkok()
        ranges = (
            (_("Today"), today),
            (_("Last 7 days"), today - timedelta(days=6)),
            (_("Last 30 days"), today - timedelta(days=29)),
            (_("This month"), today.replace(day=1)),
        )
        return [self._preset(title, f"{start}", f"{today}") for title, start in ranges]

    def _preset(self, title: Text, start: str, end: str) -> Preset:
        url = self.url.with_values(active_from=start, active_to=end)
        return Preset(title, url, (self.active_from, self.active_to) == (start, end))

    @property
    def date_title(self) -> Text:
        """Name of the chosen preset, else what the filter is about."""
        return next((preset.title for preset in self.presets if preset.chosen), _("Latest Contact"))

    @cached_property
    def chips(self) -> list[Chip]:
        return [chip for name, value in self.url.filters if (chip := self._chip(name, value))]

    def _chip(self, name: str, value: str) -> Chip | None:
        url = self.url.without_value(name, value)
        short = Truncator(value).chars(60)
        match name:
            case "q":
                return Chip(_("Search"), short, url)
            case "platform":
                return Chip(_("Platform"), dict(Platform.choices).get(value, short), url)
            case "channel":
                channel = self.listing.channels.get(read_id(value) or 0)
                return Chip(_("Channel"), str(channel) if channel else short, url)
            case "label":
                label = self.listing.labels.get(read_id(value) or 0)
                last = self.chosen("label") == {value}
                return Chip(_("Label"), label.name if label else short, url.without("label_match") if last else url)
            case "user_type":
                return Chip(_("User Type"), str(dict(UserType.choices).get(value, short)), url)
            case "active_to" if self.active_from:
                return None  # told by the chip of active_from
            case "active_from" | "active_to":
                return Chip(_("Latest Contact"), self._days_in_words("active_from", "active_to"), self.clear["date"])
            case _:
                return self._more_chip(name, short)

    def _more_chip(self, name: str, short: str) -> Chip | None:
        """The chip of a filter behind "More"; the second of a pair is told by the first."""
        if name in QUESTIONS:
            title, _answers, words = QUESTIONS[name]
            return Chip(title, str(words.get(short, short)), self.url.without(name), more=True)
        if (name == "value_max" and self.value("value_min")) or (name == "first_to" and self.value("first_from")):
            return None
        if name in ("value_min", "value_max"):
            return Chip(_("Value"), self._values_in_words(), self.url.without("value_min", "value_max"), more=True)
        if name in ("first_from", "first_to"):
            words_of_days = self._days_in_words("first_from", "first_to")
            return Chip(_("First contact"), words_of_days, self.url.without("first_from", "first_to"), more=True)
        title = _("New in") if name == "new_days" else _("Silent for")
        days = self._data.get(name)
        words_of_number = ngettext("%(count)s day", "%(count)s days", days) % {"count": days} if days else short
        return Chip(title, words_of_number, self.url.without(name), more=True)

    @cached_property
    def _data(self) -> dict[str, Any]:
        form = self.listing.filter.form
        return form.cleaned_data if form.is_valid() else {}

    def _values_in_words(self) -> str:
        low, high = self._data.get("value_min"), self._data.get("value_max")
        if low is not None and high is not None:
            return f"{format_baht(low)} – {format_baht(high)}"
        if low is not None:
            return gettext("from %(amount)s") % {"amount": format_baht(low)}
        if high is not None:
            return gettext("up to %(amount)s") % {"amount": format_baht(high)}
        return self._as_typed("value_min", "value_max")

    def _days_in_words(self, first_name: str, last_name: str) -> str:
        """ "24 Oct – 22 Nov 2026"; what cannot be read stays as it was typed."""
        start, end = self._data.get(first_name), self._data.get(last_name)
        if start and end:
            first, last = format_day(start), format_day(end)
            if first == last:
                return last
            return f"{first.rsplit(' ', 1)[0] if start.year == end.year else first} – {last}"
        if start:
            return gettext("from %(day)s") % {"day": format_day(start)}
        if end:
            return gettext("until %(day)s") % {"day": format_day(end)}
        return self._as_typed(first_name, last_name)

    def _as_typed(self, *names: str) -> str:
        return Truncator(" – ".join(filter(None, map(self.value, names)))).chars(60)
