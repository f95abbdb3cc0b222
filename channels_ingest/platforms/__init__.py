"""Platform adapters: one module each behind base.Adapter; a new platform is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from . import instagram, line, messenger, telegram, whatsapp
from .base import Adapter

ADAPTERS: Final[Mapping[str, Adapter]] = {
    "facebook": messenger,
    "instagram": instagram,
    "line": line,
    "whatsapp": whatsapp,
    "telegram": telegram,
}


def adapter_for(platform: str) -> Adapter:
    """The adapter of a platform. Raises KeyError for one that is not supported."""
    return ADAPTERS[platform]
