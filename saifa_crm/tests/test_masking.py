"""Log lines and error reports without secrets, whoever writes them."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config

from saifa_crm.gunicorn_log import Masked
from saifa_crm.lib.masking import MaskingFormatter, NotWebhookAnswers, masked, masked_tree

S = "sEcr3t-1x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Not Found: /webhooks/line/{S}/", "Not Found: /webhooks/line/***/"),
        (f"POST /webhooks/telegram/{S} HTTP/1.1", "POST /webhooks/telegram/*** HTTP/1.1"),
        (f"Gone: /invite/{S}/", "Gone: /invite/***/"),
        (f"url: /bot123456:{S}/sendMessage (", "url: /bot***/sendMessage ("),
        (f"url: /bot123456%3A{S}/getMe", "url: /bot***/getMe"),
        (f"/me?fields=id&access_token={S}&x=1", "/me?fields=id&access_token=***&x=1"),
        (f"hub.verify_token={S}&hub.challenge=2", "hub.verify_token=***&hub.challenge=2"),
        (f"'appsecret_proof': '{S}', 'a': 1", "'appsecret_proof': '***', 'a': 1"),
        (f'{{"client_secret": "{S}"}}', '{"client_secret": "***"}'),
        (f"token='{S}')", "token='***')"),
        (f"Authorization: Bearer {S}", "Authorization: Bearer ***"),
        (f"postgres://saifa:{S}@db.example.com/saifa", "postgres://saifa:***@db.example.com/saifa"),
        (f"redis://:{S}@cache:6379/0", "redis://:***@cache:6379/0"),
    ],
)
def test_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    ["/contacts/12/panel/ took 3 s", "http://127.0.0.1:8000/", "the token is dead", "tokens=3", "/webhooks/facebook/"],
)
def test_plain_words_stay(text: str) -> None:
    assert masked(text) == text


def test_reports() -> None:
    event = {"request": {"url": f"https://x/webhooks/line/{S}/"}, "values": [f"/invite/{S}/", 7, None]}
    assert masked_tree(event) == {
        "request": {"url": "https://x/webhooks/line/***/"},
        "values": ["/invite/***/", 7, None],
    }


def test_tracebacks() -> None:
    try:
        raise RuntimeError(f"GET /bot1:{S}/getMe")
    except RuntimeError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "at /invite/%s/", (S,), sys.exc_info())
    line = MaskingFormatter("%(message)s").format(record)
    assert "RuntimeError: GET /bot***/getMe" in line
    assert S not in line


def test_the_settings_log_through_it() -> None:
    assert isinstance(logging.getLogger().handlers[0].formatter, MaskingFormatter)
    handlers: dict[str, dict[str, str]] = settings.LOGGING["handlers"]  # type: ignore[assignment]
    assert {handler["formatter"] for handler in handlers.values()} == {"line"}


@pytest.mark.parametrize(("path", "fault", "kept"), [("/webhooks/line/k/", None, False), ("/x/", None, True)])
def test_answers_to_webhooks_are_not_logged_one_by_one(path: str, fault: None, kept: bool) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, "Forbidden: %s", (path,), fault)
    record.request = SimpleNamespace(path=path)
    assert NotWebhookAnswers().filter(record) is kept


def test_a_crash_in_a_webhook_is_logged() -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, "x.py", 1, "crash", (), (ValueError, ValueError(), None)
    )
    record.request = SimpleNamespace(path="/webhooks/line/k/")
    assert NotWebhookAnswers().filter(record)


def test_gunicorns_lines(tmp_path: Path) -> None:
    config = Config()
    config.set("errorlog", str(tmp_path / "error"))
    config.set("accesslog", str(tmp_path / "access"))
    logger = Masked(config)
    logger.error("Error handling request %s", f"/webhooks/line/{S}/")
    logger.access_log.info('"POST /webhooks/line/%s/ HTTP/1.1" 200', S)
    for log in (logger.error_log, logger.access_log):
        for handler in list(log.handlers):
            handler.close()
            log.removeHandler(handler)
    assert "Error handling request /webhooks/line/***/" in (tmp_path / "error").read_text()
    assert (tmp_path / "access").read_text() == '"POST /webhooks/line/***/ HTTP/1.1" 200\n'
