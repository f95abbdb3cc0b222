"""Which host and token a call to a connection's platform uses."""

from __future__ import annotations

from django.conf import settings

from .models import Connection
from .platforms.base import Client


def _base_urls(platform: str, via_page: bool) -> tuple[str, str]:
    """API and content base URL of a platform; an Instagram account behind a page is Facebook's to answer for."""
    if via_page:
        return settings.GRAPH_API_BASE_URL, ""
    return {
        "facebook": (settings.GRAPH_API_BASE_URL, ""),
        "instagram": (settings.INSTAGRAM_API_BASE_URL, ""),
        "line": (settings.LINE_API_BASE_URL, settings.LINE_DATA_API_BASE_URL),
        "whatsapp": (settings.GRAPH_API_BASE_URL, ""),
        "telegram": (settings.TELEGRAM_API_BASE_URL, ""),
    }[platform]


def client_for(connection: Connection, *, via_page: bool | None = None) -> Client:
    """What the adapter needs to call the platform for this connection; sandbox connections call the sandbox.

    `via_page` tries the token in another way than the connection's own.
    """
    via_page = connection.via_page if via_page is None else via_page
    platform = connection.channel.platform
    base_url, data_url = _base_urls(platform, via_page)
    if connection.is_sandbox:
        base_url = data_url = settings.SANDBOX_BASE_URL
    return Client(
        base_url=base_url,
        data_url=data_url,
        token=connection.token,
        account_id=connection.channel.external_id,
        via_page=via_page,
        webhook_secret=connection.secrets[0] if connection.secrets else "",
    )
