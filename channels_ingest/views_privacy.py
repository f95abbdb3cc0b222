"""What Meta calls when somebody removes the app or wants their data deleted, and the page that tells how it stands."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .counters import refusal_count
from .models import DeletionRequest
from .platforms import signed_request
from .platforms._values import identifier
from .secret_store import store
from .services_privacy import deauthorisation_note, deletion_request_note

MAX_BODY = 64 * 1024  # bytes
MAX_TIME = 20  # characters of seconds since 1970


def _noted(request: HttpRequest, note: Callable[..., DeletionRequest]) -> DeletionRequest | HttpResponse:
    """The request that `note` makes of a body whose signature is right, else the refusal."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_BODY:
        return HttpResponse("too large", status=413, content_type="text/plain")
    sent = request.POST.get("signed_request", "")
    try:
        # An app secret may have been added since this process last read them: a second look before refusing.
        payload = signed_request.read(sent, store.current().app_secrets)
        if payload is None and sent:
            payload = signed_request.read(sent, store.fresh().app_secrets)
        if payload is None:
            refusal_count("facebook")
            return HttpResponse("signature refused", status=403, content_type="text/plain")
        user_id = identifier(payload.get("user_id"))
        if user_id is None:
            return HttpResponse("no user_id", status=400, content_type="text/plain")
        return note(user_id=user_id, issued_at=(identifier(payload.get("issued_at")) or "")[:MAX_TIME])
    except AnyDatabaseError:
        return HttpResponse("not ready, send again", status=503, content_type="text/plain")


@csrf_exempt
@require_POST
def deauthorise(request: HttpRequest) -> HttpResponse:
    """Somebody removed the app: their tokens are dead."""
    noted = _noted(request, deauthorisation_note)
    return noted if isinstance(noted, HttpResponse) else HttpResponse("ok", content_type="text/plain")


@csrf_exempt
@require_POST
def data_deletion(request: HttpRequest) -> HttpResponse:
    """Somebody wants their data deleted: a code, and where to ask about it."""
    noted = _noted(request, deletion_request_note)
    if isinstance(noted, HttpResponse):
        return noted
    url = settings.PUBLIC_BASE_URL + reverse("privacy-status", args=(noted.code,))
    return JsonResponse({"url": url, "confirmation_code": noted.code})


@require_GET
def status(request: HttpRequest, code: str) -> HttpResponse:
    """How a request stands, for the person who made it; the code is the key."""
    found = get_object_or_404(DeletionRequest, code=code)
    response = render(request, "channels/privacy_status.html", {"request_made": found})
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
