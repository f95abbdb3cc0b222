"""Request-wide rules: proxies, htmx answers and the roles every view must declare."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from .access import roles_of
from .lib.addresses import path_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger(__name__)


def client_ip(request: HttpRequest) -> str:
    """The address of the client; X-Forwarded-For counts only behind TRUSTED_PROXY_COUNT proxies."""
    if settings.TRUSTED_PROXY_COUNT > 0:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXY_COUNT:
            return _address(hops[-settings.TRUSTED_PROXY_COUNT]) or _peer(request)
    return _peer(request)


def _peer(request: HttpRequest) -> str:
    """Who opened the connection; a Unix socket has no address."""
    return _address(str(request.META.get("REMOTE_ADDR") or "")) or "127.0.0.1"


def _address(text: str) -> str:
    """An address as some proxies write it, with brackets or a port; empty where it is none."""
    for candidate in (text, text.rpartition(":")[0], text.rpartition(":")[0].strip("[]"), text.strip("[]")):
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return ""


class ProxyMiddleware:
    """Drops X-Forwarded-* headers that no trusted proxy can have set."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.TRUSTED_PROXY_COUNT <= 0:
            for name in [name for name in request.META if name.startswith("HTTP_X_FORWARDED_")]:
                del request.META[name]
        return self.get_response(request)


class HtmxMiddleware:
    """Partial answers vary on HX-Request; a redirect to sign-in becomes a full-page one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.headers.get("HX-Request") == "true" and response.status_code in (301, 302):
            target = response.headers.get("Location", "")
            if urlsplit(target).path == settings.LOGIN_URL:
                response = HttpResponse(status=200, headers={"HX-Redirect": target})
        patch_vary_headers(response, ["HX-Request"])
        return response


def _page_to_come_back_to(request: HttpRequest) -> str:
    """The page somebody stood on: not the URL of a partial, nor one that only takes posts."""
    reads = request.method in ("GET", "HEAD")
    here = request.get_full_path() if reads else "/"
    if request.headers.get("HX-Request"):
        return path_of(request.headers.get("HX-Current-URL", "")) or here
    return here if reads else path_of(request.headers.get("Referer", "")) or here


class AccessMiddleware:
    """Every view declares its roles (saifa_crm.access); anything undeclared is refused."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not hasattr(view, "access_roles"):
            logger.error("view without declared roles: %s", request.path)
            return render(request, "403.html", status=403)
        roles = view.access_roles
        if roles is None:
            return None
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(_page_to_come_back_to(request), settings.LOGIN_URL)
        if getattr(view, "access_signed_in", False):
            return None
        mine = roles_of(user)
        if not mine:
            return render(request, "403_no_role.html", status=403)
        if not mine & roles:
            return render(request, "403.html", status=403)
        return None
