"""What a contact is called by its platforms, and before they have told."""

from __future__ import annotations

from collections.abc import Iterable

from saifa_crm.lib.safe_text import is_visible

from .models import Channel, Identity


def placeholder_name(channel: Channel, external_id: str) -> str:
    """A readable name until the platform tells the real one: "LINE customer 7c2f"."""
    tail = "".join(ch for ch in external_id if ch.isalnum())[-4:].lower()
    return f"{channel.get_platform_display()} customer {tail or '?'}"


def name_told(known: Iterable[Identity]) -> str:
    """The first of these identities' names that can be seen, "" for none: platforms take names of mere blanks."""
    return next((identity.profile_name for identity in known if is_visible(identity.profile_name)), "")
