"""Health answers before everything else; and the language of a request."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from .views_health import healthz, readyz

SESSION_KEY = "saifa_language"
GetResponse = Callable[[HttpRequest], HttpResponseBase]
HEALTH = {"/healthz": healthz, "/readyz": readyz}


class HealthMiddleware:
    """Stands first: a load balancer asks by plain HTTP under a bare address, and gets no cookie."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = HEALTH.get(request.path_info)
        return view(request) if view else self.get_response(request)


class LanguageMiddleware:
    """The person's choice, else the choice kept in a cookie, else Accept-Language, else English.

    The choice is read from the session, where sign-in copies it, so that no page pays a query for it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/webhooks/"):
            return self.get_response(request)
        language = self._language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", language)
        return response

    def _language(self, request: HttpRequest) -> str:
        known = dict(settings.LANGUAGES)
        for chosen in (request.session.get(SESSION_KEY), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)):
            if chosen in known:
                return str(chosen)
        return translation.get_language_from_request(request)
