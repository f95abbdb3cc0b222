"""What Meta tells of a WhatsApp account itself, its numbers and its templates: notices for the owner."""

from __future__ import annotations

from typing import Any

from ._stray import Stray
from ._values import digest, first_id, first_string, items, label, mapping, scalars, seconds, shortened, string
from .events import AnyEvent, NoticeEvent

MAX_DETAIL = 500  # Notice.detail
# Fields that tell of the account (WABA) itself, its numbers or its templates.
ACCOUNT_FIELDS = frozenset(
    {
        "account_alerts", "account_review_update", "account_settings_update", "account_update",
        "business_capability_update", "business_status_update", "message_template_components_update",
        "message_template_quality_update", "message_template_status_update", "payment_configuration_update",
        "phone_number_name_update", "phone_number_quality_update", "security", "template_category_update",
    }
)  # fmt: skip
SERIOUS = frozenset(
    {
        "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "ACCOUNT_RESTRICTION", "ACCOUNT_VIOLATION", "DISABLED_UPDATE",
        "PARTNER_APP_UNINSTALLED", "PARTNER_REMOVED",
    }
)  # fmt: skip


def account_event(account: str, head: dict[str, Any], field: str, value: dict[str, Any], raw: Any) -> AnyEvent:
    """A notice. These changes name no number of ours: `account` is the id of the WhatsApp account (WABA)."""
    if field not in ACCOUNT_FIELDS:
        raise Stray("unknown_kind", label("changes.", field))
    event = string(value.get("event"))
    return NoticeEvent(
        account,
        raw,
        digest(account, field, scalars(head.get("time")), scalars(value)),
        label(field, "." if event else "", event),
        seconds(head.get("time")),
        _detail(value),
        serious=event in SERIOUS and mapping(value.get("ban_info")).get("waba_ban_state") != "REINSTATE",
    )


def _detail(value: dict[str, Any]) -> str:
    """The first words that say which template, which violation, which restriction."""
    template = string(value.get("message_template_name"))
    ban = mapping(value.get("ban_info")).get("waba_ban_state")
    violation = mapping(value.get("violation_info")).get("violation_type")
    restrictions = [mapping(one).get("restriction_type") for one in items(value.get("restriction_info"))]
    reason = value.get("reason") if value.get("reason") != "NONE" else ""
    parts = [template, ban, violation, *restrictions, reason, value.get("new_quality_score"), value.get("new_category")]
    return shortened(", ".join(filter(None, map(string, parts))), MAX_DETAIL)


def error_event(account: str, part: dict[str, Any], raw: Any, head: dict[str, Any]) -> NoticeEvent:
    """Something Meta could not deliver to us at all: it belongs to the number, not to a person."""
    code = first_id(part.get("code"))
    details = mapping(part.get("error_data")).get("details")
    detail = first_string(details, part.get("message"), part.get("title"))
    key = digest(account, scalars(head.get("time")), code, detail)
    return NoticeEvent(
        account, raw, key, label("error.", code), seconds(head.get("time")), shortened(detail, MAX_DETAIL)
    )
