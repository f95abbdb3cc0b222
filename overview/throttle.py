"""Sign-in throttle: five tries by (user, address) in 15 minutes, one hundred by the address alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def failure_limit(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    """Limit by person and address."""
    return 5


def locked_out(request: HttpRequest, original_response: Any = None, credentials: Any = None) -> HttpResponse:
    """The sign-in page again, saying when to come back; 429."""
    from django.contrib.auth.forms import AuthenticationForm

    context = {
        "form": AuthenticationForm(request),
        "locked_out": True,
        "username": (credentials or {}).get("username", ""),
    }
    return render(request, "registration/login.html", context, status=429)
