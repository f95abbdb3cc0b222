"""Settings in processes of their own: what a start refuses, and what https and proxies switch on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.test import Client

KEY = Fernet.generate_key().decode()
SAFE = {
    "SECRET_KEY": "s8Jd0q2kR7vYx4Lw1Zp6Tn3Bm9Hc5GfA0eUiOyQr",
    "FIELD_ENCRYPTION_KEYS": KEY,
    "PUBLIC_BASE_URL": "https://crm.example.com",
    "ALLOWED_HOSTS": "crm.example.com",
    "TRUSTED_PROXY_COUNT": "1",
}
OURS = (*SAFE, "DEBUG", "HOST", "PORT", "CSRF_TRUSTED_ORIGINS", "DJANGO_SETTINGS_MODULE")


def python(code: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    values = {**SAFE, **changes}
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {name: value for name, value in values.items() if value is not None}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def values(*names: str, **changes: str | None) -> dict[str, Any]:
    code = f"import json, saifa_crm.settings as s; print(json.dumps({{n: getattr(s, n, None) for n in {names}}}))"
    result = python(code, **changes)
    assert result.returncode == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "x1y2z3" * 8}, "SECRET_KEY"),
        ({"SECRET_KEY": "development-only-" * 3}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "crm.example.com,.*"}, "ALLOWED_HOSTS"),
        ({"FIELD_ENCRYPTION_KEYS": None}, "FIELD_ENCRYPTION_KEYS"),
        ({"FIELD_ENCRYPTION_KEYS": f"{KEY},not-a-key"}, "FIELD_ENCRYPTION_KEYS"),
        ({"PUBLIC_BASE_URL": "http://crm.example.com"}, "PUBLIC_BASE_URL"),
        ({"PUBLIC_BASE_URL": "crm.example.com"}, "PUBLIC_BASE_URL"),
        ({"PUBLIC_BASE_URL": None, "HOST": "0.0.0.0"}, "PUBLIC_BASE_URL"),  # noqa: S104 refused, not bound
        ({"DEBUG": "1"}, "DEBUG"),
    ],
)
def test_an_unsafe_start_is_refused_in_one_line(changes: dict[str, str | None], named: str) -> None:
    result = python("import saifa_crm.wsgi", **changes)
    assert result.returncode != 0
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert named in result.stderr
    for secret in (SAFE["SECRET_KEY"], KEY):
        assert secret not in result.stderr


def test_a_safe_start_is_not_refused() -> None:
    assert python("import saifa_crm.wsgi").returncode == 0


SECURITY = (
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "SESSION_COOKIE_HTTPONLY",
    "DEBUG",
)


def test_https_switches_on_secure_cookies_redirect_and_hsts() -> None:
    assert values(*SECURITY) == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "SESSION_COOKIE_HTTPONLY": True,
        "DEBUG": False,
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_plain_http_on_loopback_has_none_of_them(host: str) -> None:
    found = values(*SECURITY, PUBLIC_BASE_URL=f"http://{host}:8000", TRUSTED_PROXY_COUNT=None)
    assert not any(found[name] for name in SECURITY if name != "SESSION_COOKIE_HTTPONLY")


ANSWER = """
import json, os
from saifa_crm.wsgi import application
from django.test import RequestFactory
got = {}
def start(status, headers): got.update(status=status, headers={k.lower(): v for k, v in headers})
environ = RequestFactory().get("/login/", **json.loads(os.environ["ASK"])).environ
list(application(environ, start))
print(json.dumps(got))
"""


def ask(asked: dict[str, str], **changes: str | None) -> dict[str, Any]:
    result = python(ANSWER, ASK=json.dumps({"HTTP_HOST": "crm.example.com", **asked}), **changes)
    assert result.returncode == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_behind_a_trusted_proxy_https_is_believed() -> None:
    answer = ask({"HTTP_X_FORWARDED_PROTO": "https"}, DEBUG=None)
    assert answer["headers"].get("location", "") == ""
    assert "max-age=31536000" in answer["headers"]["strict-transport-security"]


def test_without_a_trusted_proxy_forwarded_headers_are_nothing() -> None:
    answer = ask({"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil.example"}, TRUSTED_PROXY_COUNT="0")
    assert answer["status"].startswith("301")
    assert answer["headers"]["location"] == "https://crm.example.com/login/"


@pytest.mark.parametrize("path", ["/login/", "/account/", "/no/such/page/", "/static/nothing.css"])
def test_content_policy_allows_nothing_inline(owner_client: Client, path: str) -> None:
    response = owner_client.get(path, follow=True)
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/login/", "/account/", "/team/", "/team/add/", "/welcome/", "/logout/"])
def test_pages_hold_no_inline_style_or_script(owner_client: Client, client: Client, path: str) -> None:
    page = (client if path == "/login/" else owner_client).get(path).content.decode().lower()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
    assert "javascript:" not in page
