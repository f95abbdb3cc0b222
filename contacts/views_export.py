"""Taking a copy of the list: the dialog, the stream report.csv, the request for a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from saifa_crm.access import staff_of

from .export_page import BACKGROUND_ABOVE, ExportDialog, ExportView
from .export_tasks import export_begin
from .exports.choice import ExportChoice
from .exports.stream import export_stream
from .models import ExportFormat, ExportJob, ExportState
from .selectors.export import exports_waiting
from .services.export import (
    ApprovalNeeded,
    NothingToExport,
    TooManyExports,
    export_request,
    export_stream_start,
    export_wait,
    needs_approval,
)


@require_GET
def contact_report(request: HttpRequest) -> HttpResponseBase:
    """The rows of the list at the same parameters as a file; 400 says which filter is wrong."""
    choice = ExportChoice.of(request.GET, ticked=False)
    if choice.errors:
        return render(request, "contacts/report_400.html", {"errors": choice.errors, "nav": "contacts"}, status=400)
    try:
        export = export_stream_start(actor=staff_of(request), choice=choice)
    except ApprovalNeeded:
        context = {"dialog": ExportDialog(choice, staff_of(request)), "nav": "contacts"}
        return render(request, "contacts/report_403.html", context, status=403)
    except TooManyExports as refused:
        return _too_many(request, refused)
    return StreamingHttpResponse(
        export_stream(export, choice.queryset),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{export.file_name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "POST"])
def export_dialog(request: HttpRequest) -> HttpResponse:
    """What to export and how: the list at these parameters; by POST what is selected in it."""
    posted = request.method == "POST"
    choice = ExportChoice.of_selection(request.POST) if posted else ExportChoice.of(request.GET, ticked=False)
    if choice.errors:
        return _bad(request, choice)
    return _form(request, ExportDialog(choice, staff_of(request)))


@require_POST
def export_start(request: HttpRequest) -> HttpResponse:
    """Begin: a small CSV is streamed; what is large, Excel, ticked or to be approved becomes a job."""
    user, choice = staff_of(request), ExportChoice.of(request.POST)
    if choice.errors:
        return _bad(request, choice)
    form = ExportFormat.XLSX if request.POST.get("format") == ExportFormat.XLSX else ExportFormat.CSV
    try:
        if form == ExportFormat.CSV and _streams(request, choice):
            return _stream(request, choice)
        export = export_request(actor=user, choice=choice, format=form)
    except TooManyExports as refused:
        return _too_many(request, refused)
    except NothingToExport:
        return _form(
            request, ExportDialog(choice, user, error=_("No contact matches. There is nothing to export.")), 422
        )
    if export.state == ExportState.WAITING:
        exports_waiting.forget()
    else:
        export_begin(export)
    if not request.headers.get("HX-Request"):
        return redirect("contacts:export-job", export.pk)
    made = ExportView(ExportJob.objects.get(pk=export.pk), user)
    return render(request, "contacts/_export_status.html", {"view": made, "fresh": True})


def _streams(request: HttpRequest, choice: ExportChoice) -> bool:
    if choice.ids is not None or not choice.counted or needs_approval(staff_of(request), choice.counted):
        return False
    way = request.POST.get("way", "background" if choice.counted > BACKGROUND_ABOVE else "now")
    return way == "now"


def _stream(request: HttpRequest, choice: ExportChoice) -> HttpResponse:
    """Where the file streams from; the limit is asked here too, so that the dialog can say it."""
    if wait := export_wait(staff_of(request)):
        raise TooManyExports(wait)
    address = f"{reverse('contacts:report')}?{choice.stream_query}"
    if not request.headers.get("HX-Request"):
        return redirect(address)
    return render(request, "contacts/_export_now.html", {"address": address})


def _form(request: HttpRequest, dialog: ExportDialog, status: int = 200) -> HttpResponse:
    template = "contacts/_export_form.html" if request.headers.get("HX-Request") else "contacts/export.html"
    return render(request, template, {"dialog": dialog, "nav": "contacts"}, status=status)


def _bad(request: HttpRequest, choice: ExportChoice) -> HttpResponse:
    context = {"errors": choice.errors, "nav": "contacts"}
    if request.headers.get("HX-Request"):
        title = _("This filter cannot be used, so there is no report")
        return render(request, "contacts/_export_refused.html", {**context, "title": title}, status=400)
    return render(request, "contacts/report_400.html", context, status=400)


def _too_many(request: HttpRequest, refused: TooManyExports) -> HttpResponse:
    context = {"minutes": -(-refused.wait // 60), "nav": "contacts"}
    partial = request.headers.get("HX-Request")
    template = "contacts/_export_too_many.html" if partial else "contacts/report_429.html"
    response = render(request, template, context, status=429)
    response.headers["Retry-After"] = str(refused.wait)
    return response
