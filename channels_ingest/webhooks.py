"""The endpoints that platforms post to: size, signature, JSON; a 200 means that all of the body is durable."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import RequestDataTooBig
from django.db import Error as AnyDatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from .bodies import NotJson, read_json
from .counters import refusal_count
from .heartbeat import heartbeat
from .intake import NotDurable, body_take
from .platforms import adapter_for
from .secret_store import store
from .spool import Kept

BODY_CAP = 4 * 1024 * 1024  # bytes; WhatsApp bodies reach 3 MB

# `object` of a Meta body → platform: one app may have one callback URL for all its products.
META_OBJECTS = {"page": "facebook", "instagram": "instagram", "whatsapp_business_account": "whatsapp"}


class TooLarge(Exception):
    """The body is above BODY_CAP."""


def read_body(request: HttpRequest) -> bytes:
    """The raw bytes; raises TooLarge before reading more than the cap."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > BODY_CAP:
        raise TooLarge
    if not length and request.META.get("wsgi.input_terminated"):
        # A chunked body, as some proxies forward it, names no length, and Django reads none: the server ends it.
        chunked: bytes = request.META["wsgi.input"].read(BODY_CAP + 1)
        if len(chunked) > BODY_CAP:
            raise TooLarge
        return chunked
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise TooLarge from error
    if len(body) > BODY_CAP:
        raise TooLarge
    return body


def _accept(platform: str, body: bytes, *, channel_id: int | None = None) -> HttpResponse:
    """Read a body whose signature was found good, and make it durable."""
    try:
        decoded = read_json(body)
    except NotJson:
        return HttpResponse("not JSON", status=400, content_type="text/plain")
    if channel_id is None and isinstance(decoded, Mapping):
        platform = META_OBJECTS.get(str(decoded.get("object")), platform)
    try:
        body_take(kept=Kept(platform, body, timezone.now(), channel_id), decoded=decoded)
    except NotDurable:
        return _not_durable(platform, channel_id)
    return HttpResponse(content_type="text/plain")  # empty: Telegram would take a body for a call of its API


def _not_durable(platform: str, channel_id: int | None = None) -> HttpResponse:
    """The platform shall send it again; until then it may be missing in the chats (gaps)."""
    heartbeat.refused(platform, channel_id)
    return HttpResponse("not stored, send again", status=503, content_type="text/plain")


def _refused(platform: str, channel_id: int | None = None) -> HttpResponse:
    refusal_count(platform, channel_id)
    return HttpResponse("signature refused", status=403, content_type="text/plain")


def _not_ready(platform: str) -> HttpResponse:
    """Whether it was signed cannot be told. A gap only where no secret is held: others may be anybody's posts."""
    if store.is_empty:
        heartbeat.refused(platform)
    return HttpResponse("not ready, send again", status=503, content_type="text/plain")


def _meta(request: HttpRequest, platform: str) -> HttpResponse:
    if request.method == "GET":
        return _handshake(request, platform)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        body = read_body(request)
        adapter = adapter_for(platform)
        # An app secret may have been added since this process last read them: a second look before refusing.
        if not adapter.verify(body, request.headers, store.current().app_secrets) and not adapter.verify(
            body, request.headers, store.fresh().app_secrets
        ):
            return _refused(platform)
    except TooLarge:
        return HttpResponse("too large", status=413, content_type="text/plain")
    except AnyDatabaseError:
        return _not_ready(platform)
    return _accept(platform, body)


def _handshake(request: HttpRequest, platform: str) -> HttpResponse:
    handshake = adapter_for(platform).handshake
    try:
        challenge = handshake(request.GET, store.current().verify_tokens)
        if challenge is None:
            challenge = handshake(request.GET, store.fresh().verify_tokens)
    except AnyDatabaseError:
        return HttpResponse("not ready", status=503, content_type="text/plain")
    if challenge is None:
        refusal_count(platform)
        return HttpResponse("verify token refused", status=403, content_type="text/plain")
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")


@csrf_exempt
def facebook(request: HttpRequest) -> HttpResponse:
    """Messenger: GET handshake, POST events."""
    return _meta(request, "facebook")


@csrf_exempt
def instagram(request: HttpRequest) -> HttpResponse:
    """Instagram: GET handshake, POST events."""
    return _meta(request, "instagram")


@csrf_exempt
def whatsapp(request: HttpRequest) -> HttpResponse:
    """WhatsApp: GET handshake, POST events."""
    return _meta(request, "whatsapp")


@csrf_exempt
def line(request: HttpRequest, key: str) -> HttpResponse:
    """LINE: the channel's secret must have signed the body."""
    return _keyed(request, "line", key)


@csrf_exempt
def telegram(request: HttpRequest, key: str) -> HttpResponse:
    """Telegram: one of the channel's secrets must come with the body."""
    return _keyed(request, "telegram", key)


def _keyed(request: HttpRequest, platform: str, key: str) -> HttpResponse:
    """The URL's key picks the channel, and with it the secrets: nothing in the body is trusted for that (rule 5)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        body = read_body(request)
        known = store.current().keyed.get((platform, key)) or store.fresh().keyed.get((platform, key))
        if known is None:
            return HttpResponse("unknown key", status=404, content_type="text/plain")
        adapter = adapter_for(platform)
        if not adapter.verify(body, request.headers, known.secrets):
            again = store.fresh().keyed.get((platform, key))
            if again is None or not adapter.verify(body, request.headers, again.secrets):
                return _refused(platform, known.channel_id)
            known = again
    except TooLarge:
        return HttpResponse("too large", status=413, content_type="text/plain")
    except AnyDatabaseError:
        return _not_ready(platform)
    return _accept(platform, body, channel_id=known.channel_id)
