"""Posts that send: a reply, and a failed one again. htmx gets the composer, everybody else the page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from saifa_crm.access import staff_of

from . import pages, replies
from .carriers import Reason
from .composer import composer_for
from .models import Conversation
from .posted import aware_time, back_query, conversation_or_404, request_key


@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue `text`. What cannot be sent stays in the box with the reason beside it (422); `files` are not taken."""
    chat, text = conversation_or_404(pk), request.POST.get("text", "")
    try:
        if request.FILES.getlist("files") or request.POST.get("files"):
            raise replies.ReplyRefused(Reason.FILES)
        replies.message_queue(
            conversation_id=pk,
            text=text,
            sender=staff_of(request),
            request_key=request_key(request),
            seen_upto=aware_time(request.POST.get("upto", "")),
        )
    except replies.ReplyRefused as refused:
        return _refused(request, chat, text, refused)
    if request.headers.get("HX-Request") == "true":
        context = pages.composer_context(request, conversation_or_404(pk))
        response = render(request, "inbox/_composer.html", context)
        response["HX-Trigger"] = "inbox:changed"
        return response
    return _to_chat(request, pk)


@require_POST
def retry(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    """Send a failed reply again; where it still cannot be, it says why in its place."""
    replies.message_retry(conversation_id=conversation_or_404(pk).pk, message_id=message_pk)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Trigger": "inbox:changed"})
    return _to_chat(request, pk)


def _refused(request: HttpRequest, chat: Conversation, text: str, refused: replies.ReplyRefused) -> HttpResponse:
    composer = composer_for(chat, draft=text, refused=refused)
    if request.headers.get("HX-Request") == "true":
        context = pages.composer_context(request, chat) | {"composer": composer}
        return render(request, "inbox/_composer.html", context, status=422)
    context = pages.page_context(request, chat) | {"composer": composer}
    return render(request, "inbox/inbox.html", context, status=422)


def _to_chat(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(reverse("inbox:conversation", args=(pk,)) + back_query(request))
