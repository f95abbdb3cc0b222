"""The contact list and its CSV report."""

from __future__ import annotations

from functools import partial
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe
from django_htmx.http import push_url
from django_htmx.middleware import HtmxDetails

from saifa_crm.access import roles_of, staff_of
from saifa_crm.lib.addresses import path_of
from saifa_crm.lib.dates import today

from .bulk_actions import bulk_actions
from .list_page import REGION, ListPage
from .list_urls import ListUrl
from .report import report_stream
from .selectors.listing import contact_listing
from .selectors.preference import list_preference
from .services.report import report_download_finish, report_download_start


@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    """The whole page, or for htmx the list region with the parts of the page that depend on it."""
    page = ListPage(contact_listing(request.GET), list_preference(staff_of(request)))
    htmx = HtmxDetails(request)
    if htmx.target != REGION:
        return render(
            request,
            "contacts/list.html",
            {"list": page, "nav": "contacts", "bulk_actions": bulk_actions(roles_of(request.user))},
        )
    here = f"{reverse('contacts:list')}{page.url}".removesuffix("?")
    is_new = path_of(htmx.current_url or "") != here
    return push_url(render(request, "contacts/_list_swap.html", {"list": page}), here if is_new else False)


@require_GET
def contact_report(request: HttpRequest) -> HttpResponseBase:
    """The rows of the list at the same parameters as a file; 400 says which filter is wrong."""
    listing = contact_listing(request.GET)
    if not listing.is_valid:
        return render(request, "contacts/report_400.html", {"errors": listing.errors, "nav": "contacts"}, status=400)
    download = report_download_start(actor=cast(User, request.user), query=ListUrl.of(request.GET).query)
    finished = partial(report_download_finish, download)
    return StreamingHttpResponse(
        report_stream(listing.queryset, finished=finished),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="contacts-{today():%Y-%m-%d}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
