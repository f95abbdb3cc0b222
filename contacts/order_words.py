"""The orders of the list in words, the same for a view and for an export."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .segments import Text
from .selectors.listing import BEST_MATCH

ORDER_WORDS: dict[str, Text] = {
    "-latest_contact": _("Latest contact, newest first"),
    "latest_contact": _("Latest contact, oldest first"),
    "-value": _("Value, highest first"),
    "value": _("Value, lowest first"),
    "-name": _("Name, last first"),
    "name": _("Name, first to last"),
    BEST_MATCH: _("Best match first"),
}
