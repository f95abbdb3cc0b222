"""What the shell around every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from channels_ingest.alerts import alerts
from contacts.selectors.export import exports_waiting
from saifa_crm.access import AGENT, MARKETER, OWNER, roles_of

from .selectors import shop_name
from .unread import rail_unread


def shell(request: HttpRequest) -> dict[str, Any]:
    """`role` (widest of the person's roles, lower case), `can_*` flags; lazily `shop_name`, `alerts`, `rail_unread`."""
    user = getattr(request, "user", None)
    roles = roles_of(user) if user is not None else frozenset()
    widest = next((role for role in (OWNER, MARKETER, AGENT) if role in roles), None)
    return {
        "role": widest.value.lower() if widest else "",
        "can_report": bool(roles & {MARKETER, OWNER}),
        "can_manage_labels": bool(roles & {MARKETER, OWNER}),
        "can_edit_orders": bool(roles & {AGENT, OWNER}),
        "can_own": OWNER in roles,
        "shop_name": SimpleLazyObject(shop_name),
        "rail_unread": rail_unread if roles else 0,  # called where it is shown
        "alerts": SimpleLazyObject(alerts) if OWNER in roles else [],
        "exports_waiting": SimpleLazyObject(exports_waiting) if OWNER in roles else 0,
    }
