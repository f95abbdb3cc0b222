"""Platform adapters: one module each behind base.Adapter; a new platform is one line here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from . import instagram, line, messenger, telegram, whatsapp
from .base import Adapter, Client, Renewed

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


def ways(platform: str, token: str) -> tuple[bool, ...]:
    """What `via_page` may be for a token of the platform, in the order to try."""
    return instagram.ways(token) if platform == "instagram" else (False,)


def token_life(platform: str, *, via_page: bool) -> dt.timedelta | None:
    """How long a token lives that can be renewed before; None for those that do not end by themselves."""
    return instagram.TOKEN_LIFE if platform == "instagram" and not via_page else None


def token_renew(platform: str, client: Client) -> Renewed:
    """A new token for one that has a `token_life`. Raises PlatformError."""
    return {"instagram": instagram.refresh}[platform](client)
