"""What a contact is called before the platform has told."""

from __future__ import annotations

from .models import Channel


def placeholder_name(channel: Channel, external_id: str) -> str:
    """A readable name until the platform tells the real one: "LINE customer 7c2f"."""
    tail = "".join(ch for ch in external_id if ch.isalnum())[-4:].lower()
    return f"{channel.get_platform_display()} customer {tail or '?'}"
