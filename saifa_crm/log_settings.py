"""Where log lines and errors go, without customers' words and tokens. `saifa_crm.settings` takes it in."""

from __future__ import annotations

from typing import Any

from .env import env

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "saifa_crm.lib.masking.MaskingFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"not_webhooks": {"()": "saifa_crm.lib.masking.NotWebhookAnswers"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django.request": {"filters": ["not_webhooks"]},
        # Its debug lines hold the path of every call, and Telegram's paths hold the bot's token.
        "urllib3.connectionpool": {"level": "INFO"},
    },
}


def start_sentry(dsn: str) -> None:
    """Report errors. Bodies, locals and headers can hold customers' words and tokens: none of them is sent."""
    import sentry_sdk

    from .lib.masking import masked_tree

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=lambda event, hint: masked_tree(event),
        before_breadcrumb=lambda crumb, hint: None if crumb.get("type") == "http" else masked_tree(crumb),
    )
