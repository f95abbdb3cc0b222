"""What the shell around every page shows."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from channels_ingest.alerts import alerts
from contacts.selectors.export import exports_waiting
from saifa_crm.access import AGENT, MARKETER, OWNER, roles_of
from saifa_crm.lib.kept import Kept, Look

from .selectors import shop_name
from .unread import rail_unread


def shell(request: HttpRequest) -> dict[str, Any]:
    """`role` (widest of the person's roles, lower case), `can_*` flags; lazily `shop_name`, `alerts`, `rail_unread`.

    What is asked of Redis is asked in one round trip.
    """
    user = getattr(request, "user", None)
    roles = roles_of(user) if user is not None else frozenset()
    widest = next((role for role in (OWNER, MARKETER, AGENT) if role in roles), None)
    shown: list[Kept[Any]] = [shop_name]
    if roles:
        shown.append(rail_unread)
    if OWNER in roles:
        shown += [alerts, exports_waiting]
    kept = Look(*shown)

    def lazily(value: Kept[Any]) -> Any:
        return SimpleLazyObject(partial(kept.__getitem__, value))

    return {
        "role": widest.value.lower() if widest else "",
        "can_report": bool(roles & {MARKETER, OWNER}),
        "can_manage_labels": bool(roles & {MARKETER, OWNER}),
        "can_edit_orders": bool(roles & {AGENT, OWNER}),
        "can_own": OWNER in roles,
        "shop_name": lazily(shop_name),
        "rail_unread": partial(kept.__getitem__, rail_unread) if roles else 0,  # called where it is shown
        "alerts": lazily(alerts) if OWNER in roles else [],
        "exports_waiting": lazily(exports_waiting) if OWNER in roles else 0,
    }
