"""Pages for what went wrong, in words; wired as handlers in saifa_crm.urls."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: also an unknown host, so the page asks neither session nor database."""
    return _bare("400.html", {}, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 raised by a view."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the reference on the page is found again in the log."""
    reference = secrets.token_hex(4)
    logger.error("error page %s for %s %s", reference, request.method, request.path)
    return _bare("500.html", {"reference": reference}, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or sent from another site."""
    return render(request, "403_csrf.html", status=403)


def _bare(template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """A page without context processors, which ask the database; plain words where even that fails."""
    try:
        text = str(render_to_string(template, context))
    except Exception:  # what broke the page may break this one too, and nobody catches after us
        logger.exception("%s could not be rendered", template)
        text = f"<!doctype html><title>{status}</title><h1>This page did not load. Your contacts are safe.</h1>"
    return HttpResponse(text, status=status)
