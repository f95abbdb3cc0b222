"""What Redis keeps between tests."""

from __future__ import annotations

from django.conf import settings

from saifa_crm.lib.redis_client import client


def forget_all() -> None:
    """Delete this process's own keys: `cache.clear()` would take those of the tests beside it too."""
    if names := list(client().scan_iter(f"{settings.CACHES['default'].get('KEY_PREFIX', '')}:*", count=1000)):
        client().delete(*names)
