"""A short cut for what platforms post: no session, language, sign-in or page headers on the way."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RoutePattern

from saifa_crm.access import PUBLIC

PREFIX = "/webhooks/"
GetResponse = Callable[[HttpRequest], HttpResponseBase]
resolver = URLResolver(RoutePattern(PREFIX), "channels_ingest.webhook_urls")


class WebhookMiddleware:
    """Calls a webhook's view directly; everything else, unknown addresses included, takes the usual way."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            match = resolver.resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if getattr(match.func, "access_roles", ()) is not PUBLIC:
            return self.get_response(request)
        request.resolver_match = match
        response = match.func(request, *match.args, **match.kwargs)
        if not response.streaming:
            response.headers["Content-Length"] = str(len(response.content))
        response.headers["X-Content-Type-Options"] = "nosniff"  # a handshake echoes what it was asked
        return response
