"""Words of the team pages."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

from ..forms import ROLES

register = template.Library()


@register.filter
def role_name(role: str | None) -> str:
    """The role in the reader's language; "No role" for none."""
    return str(dict(ROLES).get(str(role)) or gettext("No role"))
