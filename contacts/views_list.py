"""The contact list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url
from django_htmx.middleware import HtmxDetails

from saifa_crm.access import staff_of
from saifa_crm.lib.addresses import path_of

from .list_page import REGION, ListPage
from .selectors.listing import contact_listing
from .selectors.preference import list_preference


@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    """The whole page, or for htmx the list region with the parts of the page that depend on it."""
    page = ListPage(contact_listing(request.GET), list_preference(staff_of(request)))
    htmx = HtmxDetails(request)
    if htmx.target != REGION:
        return render(request, "contacts/list.html", {"list": page, "nav": "contacts"})
    here = f"{reverse('contacts:list')}{page.url}".removesuffix("?")
    is_new = path_of(htmx.current_url or "") != here
    return push_url(render(request, "contacts/_list_swap.html", {"list": page}), here if is_new else False)
