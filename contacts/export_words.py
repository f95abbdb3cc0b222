"""What is said of an export: its order, its state, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .list_urls import ListUrl
from .models import ExportJob
from .order_words import ORDER_WORDS
from .segments import Text
from .selectors.listing import BEST_MATCH, DEFAULT_SORT, ORDERS

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# By the keys of contacts.report; the file's own headings are English always.
COLUMN_TITLES: dict[str, Any] = {
    "customer_name": _("Customer Name"),
    "channel": _("Channel"),
    "user_type": _("User Type"),
    "label": _("Label"),
    "phone_number": _("Phone Number"),
    "latest_contact": _("Latest Contact"),
    "value": _("Value"),
    "contact_id": _("Contact ID"),
    "email": _("Email"),
    "address": _("Address"),
    "first_contact": _("First contact"),
    "orders": _("Orders"),
}
SELECTED = _("Selected contacts")
PROBLEMS: dict[str, Any] = {
    "broken_off": _("The download broke off before its end."),
    "grown": _("More contacts match now than this export was allowed for. Ask for it again."),
    "not_allowed": _("The person may no longer export contacts."),
    "filter": _("A label or channel it was filtered by is gone."),
    "interrupted": _("It was interrupted three times. Ask for it again."),
    "disk": _("The file could not be written: the server’s disk is full or broken."),
    "error": _("The file could not be made. Ask for it again."),
    "not_decided": _("Nobody decided within seven days."),
    "shortened": _("Cells with more than 32,767 characters were cut there: Excel holds no more. The CSV has all."),
}


def problem_words(job: ExportJob) -> StrPromise | str:
    """Why it failed, or what a reader must know of the file."""
    return PROBLEMS.get(job.problem, "")


def sort_words(job: ExportJob) -> Text:
    """The order of its rows."""
    values = dict(ListUrl.of(QueryDict(job.query)).pairs)
    sort = values.get("sort", "")
    usual = BEST_MATCH if "q" in values else DEFAULT_SORT
    return ORDER_WORDS[sort if sort in ORDERS else usual]
