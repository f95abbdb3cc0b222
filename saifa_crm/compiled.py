"""Jinja2, for the few templates that are written a hundred times a page; all others are Django's own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from jinja2 import Environment, StrictUndefined

from saifa_crm.templatetags import ui


def environment(**options: Any) -> Environment:
    """The interface's tags and filters under their names; a name that is not there is an error."""
    made = Environment(**{**options, "undefined": StrictUndefined})  # noqa: S701 Django's backend asks for autoescape
    made.globals.update(_=gettext, avatar=ui.avatar, glyph=ui.glyph, platform_icon=ui.platform_icon)
    made.filters.update(when=ui.when, baht=ui.baht, day=ui.day)
    return made
