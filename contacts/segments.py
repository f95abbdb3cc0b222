"""What a view of the list is: the built-in ones, and the one way in which filters and order are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .list_urls import FILTERS, REPEATED, ListUrl
from .selectors.listing import DEFAULT_SORT

Text = str | Promise


@dataclass(frozen=True)
class BuiltIn:
    """A view that every shop has; `query` is canonical."""

    key: str
    name: Text
    query: str
    hint: Text = ""


BUILT_INS = (
    BuiltIn("all", _("All"), ""),
    BuiltIn("new", _("New in 7 days"), "new_days=7", _("First contact today or in the six days before")),
    BuiltIn("vip", _("VIP"), "user_type=vip"),
    BuiltIn(
        "slipping", _("Slipping away"), "bought=yes&silent_days=60", _("Bought before, silent for 60 days")
    ),
    BuiltIn("no-phone", _("No phone yet"), "has_phone=no"),
)  # fmt: skip


def canonical(url: ListUrl) -> str:
    """Filters and order as a segment keeps them: two lists with the same rows in the same order read the same.

    >>> canonical(ListUrl.of(QueryDict("page=3&label=9&label=10&label_match=any&sort=-latest_contact")))
    'label=10&label=9'
    """
    given = [pair for pair in url.pairs if pair[0] in (*FILTERS, "sort")]
    names = {name for name, _value in given}
    left_out = {("label_match", "any"), *([] if "q" in names else [("sort", DEFAULT_SORT)])}
    kept = [pair for pair in given if pair not in left_out and (pair[0] != "label_match" or "label" in names)]
    order = {name: place for place, name in enumerate((*FILTERS, "sort"))}
    kept.sort(key=lambda pair: (order[pair[0]], pair[1] if pair[0] in REPEATED else ""))
    return ListUrl(tuple(kept)).query


def url_of(query: str, **more: str) -> ListUrl:
    """The list that a kept query opens."""
    return ListUrl.of(QueryDict(query)).with_values(**more)


def filters_of(query: str) -> str:
    """The query without its order: what tells the built-in views apart."""
    return url_of(query).without("sort").query


BY_FILTERS: Mapping[str, BuiltIn] = {view.query: view for view in BUILT_INS}
