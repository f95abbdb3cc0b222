"""Inbox pages: the list, a chat, a contact's history; and the small posts staff make on a chat."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import etag, require_GET, require_POST

from contacts.models import Contact

from . import live, pages, services
from .models import ConversationStatus
from .posted import aware_time, back_query, conversation_or_404


@require_GET
def inbox_list(request: HttpRequest) -> HttpResponse:
    """All chats. htmx asks for the list pane alone, or for the rows of an older page."""
    if request.headers.get("HX-Request") != "true":
        return render(request, "inbox/inbox.html", pages.page_context(request))
    context = pages.list_context(request)
    return render(
        request,
        "inbox/_rows.html" if context["before"] else "inbox/_list.html",
        context,
    )


@require_GET
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """One chat beside the list. htmx asks for the chat, an older page or a refresh of it, or the list."""
    chat = conversation_or_404(pk)
    if request.headers.get("HX-Request") != "true":
        return render(request, "inbox/inbox.html", pages.page_context(request, chat))
    if request.headers.get("HX-Target") == "conv-body":
        return render(request, "inbox/_list.html", pages.list_context(request, chat))
    if "since" in request.GET:
        return render(request, "inbox/_messages.html", pages.thread_context(request, chat))
    if "before" in request.GET:
        return render(request, "inbox/_messages_older.html", pages.thread_context(request, chat))
    return render(request, "inbox/_chat.html", pages.chat_context(request, chat))


@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """All a contact said and was told, over all channels: a page, a panel tab, or an older part."""
    contact = get_object_or_404(Contact, pk=pk)
    context = pages.history_context(contact, request)
    if request.headers.get("HX-Request") != "true":
        return render(request, "inbox/history.html", context)
    return render(
        request,
        "inbox/_history_items.html" if context["history_before"] else "inbox/_history.html",
        context,
    )


@require_GET
@etag(lambda request: f'"{live.current()}"')
def changes(request: HttpRequest) -> HttpResponse:
    """The mark that moves when the inbox did; 304 while it stands. No query but those of sign-in."""
    response = HttpResponse(str(live.current()), content_type="text/plain")
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
def mark_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Seen, up to the newest message the page showed."""
    upto = aware_time(request.POST.get("upto", ""))
    chat = conversation_or_404(pk)
    if upto is not None and chat.last_message_at is not None:
        services.conversation_mark_read(conversation_id=pk, upto=min(upto, chat.last_message_at))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Trigger": "inbox:changed"})
    return redirect(reverse("inbox:conversation", args=(pk,)) + back_query(request))


@require_POST
def mark_unread(request: HttpRequest, pk: int) -> HttpResponse:
    """Back among the unread; leaves the chat, which would count as read while it stands open."""
    services.conversation_mark_unread(conversation_id=conversation_or_404(pk).pk)
    return redirect(reverse("inbox:list") + back_query(request))


@require_POST
def set_status(request: HttpRequest, pk: int) -> HttpResponse:
    """Open, follow up or closed."""
    status = request.POST.get("status", "")
    if status not in ConversationStatus.values:
        return HttpResponse(status=400)
    services.conversation_set_status(conversation_id=conversation_or_404(pk).pk, status=ConversationStatus(status))
    return redirect(reverse("inbox:conversation", args=(pk,)) + back_query(request))


@require_POST
def set_spam(request: HttpRequest, pk: int) -> HttpResponse:
    """To spam (`spam=1`) and away from the chat, or back (`spam=0`) and into it."""
    is_spam = request.POST.get("spam") == "1"
    services.conversation_set_spam(conversation_id=conversation_or_404(pk).pk, is_spam=is_spam)
    if is_spam:
        return redirect(reverse("inbox:list") + back_query(request))
    return redirect(reverse("inbox:conversation", args=(pk,)))
