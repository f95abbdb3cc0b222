"""The command palette: what is found for a few letters, as a part of every page or as a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from saifa_crm.access import staff_of

from .palette import LONGEST, palette_find, palette_query


@never_cache
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Contacts, chats, orders and pages for `q`; without JavaScript a page, for the palette its list."""
    found = palette_find(q=palette_query(request.GET.get("q", "")), user=staff_of(request))
    context = {"found": found, "longest": LONGEST}
    if request.headers.get("HX-Request") == "true":
        return render(request, "overview/_palette.html", {**context, "listbox": True})
    return render(request, "overview/search.html", context)
