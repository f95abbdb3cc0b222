"""The contact list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url
from django_htmx.middleware import HtmxDetails

from saifa_crm.access import roles_of, staff_of
from saifa_crm.lib.addresses import path_of

from .bulk_actions import bulk_actions
from .list_page import REGION, ListPage
from .list_views import ViewTabs
from .selectors.listing import contact_listing
from .selectors.preference import list_preference


@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    """The whole page, or for htmx the list region with the parts of the page that depend on it."""
    listing = contact_listing(request.GET)
    page = ListPage(listing, list_preference(staff_of(request)))
    context = {"list": page, "views": ViewTabs(staff_of(request), listing), "nav": "contacts"}
    htmx = HtmxDetails(request)
    if htmx.target != REGION:
        context["bulk_actions"] = bulk_actions(roles_of(request.user))
        return render(request, "contacts/list.html", context)
    here = f"{reverse('contacts:list')}{page.url}".removesuffix("?")
    is_new = path_of(htmx.current_url or "") != here
    return push_url(render(request, "contacts/_list_swap.html", context), here if is_new else False)
