"""Exports that were asked for: history, progress, file, manifest, cancel, an Owner's decision and setting."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from saifa_crm.access import staff_of

from .export_page import ExportView
from .export_tasks import export_begin
from .exports import files
from .exports.manifest import manifest
from .forms_export import ExportPolicyForm
from .models import ExportFormat, ExportJob
from .selectors.export import exports_of, exports_waiting
from .services.export import approval_above, export_cancel, export_decide, export_policy_set

TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PER_PAGE = 50


@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    """The history; an Owner's has everybody's exports and the setting."""
    return _list(request, ExportPolicyForm(initial={"approval_above": approval_above()}))


@require_POST
def export_settings(request: HttpRequest) -> HttpResponse:
    """From how many contacts on an Owner wants to be asked."""
    form = ExportPolicyForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    export_policy_set(**form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("contacts:exports")


@require_safe
def export_job(request: HttpRequest, export_id: int) -> HttpResponse:
    """How far it is: a page, or for htmx the dialog's part or a line of the history."""
    if request.headers.get("HX-Request"):
        return _part(request, export_id)
    return render(request, "contacts/export_job.html", {"view": _seen(request, export_id), "nav": "contacts"})


@require_GET
def export_file(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """The file, to who asked for it and to Owners, while it is kept."""
    export = _seen(request, export_id).export
    if not export.has_file:
        raise Http404
    try:
        opened = files.path_of(export.stored_as).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        opened, as_attachment=True, filename=export.file_name, content_type=TYPES[ExportFormat(export.format)]
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def export_manifest(request: HttpRequest, export_id: int) -> HttpResponse:
    """What the file holds: a page, with `?format=json` for programs."""
    view = _seen(request, export_id)
    if request.GET.get("format") != "json":
        return render(request, "contacts/export_manifest.html", {"view": view, "nav": "contacts"})
    name = f"{view.export.file_name}.manifest.json"
    return JsonResponse(
        manifest(view.export),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@require_POST
def export_stop(request: HttpRequest, export_id: int) -> HttpResponse:
    """Cancel; one that has ended meanwhile shows how."""
    view = _seen(request, export_id)
    export_cancel(export_id=export_id)
    exports_waiting.forget()
    return _after(request, view.export)


@require_POST
def export_answer(request: HttpRequest, export_id: int) -> HttpResponse:
    """Approve or decline a request (`answer`)."""
    export = _seen(request, export_id).export
    answer = request.POST.get("answer")
    if answer not in ("approve", "decline"):
        return HttpResponseBadRequest()
    approved = answer == "approve"
    if not export_decide(export_id=export_id, owner=staff_of(request), approved=approved):
        messages.info(request, _("This request is decided already."))
    elif approved:
        export_begin(export)
    exports_waiting.forget()
    return _after(request, export)


def _seen(request: HttpRequest, export_id: int) -> ExportView:
    user = staff_of(request)
    return ExportView(get_object_or_404(exports_of(user), pk=export_id), user)


def _after(request: HttpRequest, export: ExportJob) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _part(request, export.pk)
    return redirect("contacts:exports")


def _part(request: HttpRequest, export_id: int) -> HttpResponse:
    """The dialog's part or the history's line, whichever was pressed."""
    row = request.headers.get("HX-Target", "").startswith("export-row")
    template = "contacts/_export_row.html" if row else "contacts/_export_status.html"
    return render(request, template, {"view": _seen(request, export_id)})


def _list(request: HttpRequest, form: ExportPolicyForm, status: int = 200) -> HttpResponse:
    user = staff_of(request)
    page = Paginator(exports_of(user), PER_PAGE).get_page(request.GET.get("page"))
    views = [ExportView(export, user) for export in page.object_list]
    context = {"page": page, "views": views, "form": form, "nav": "contacts"}
    return render(request, "contacts/exports.html", context, status=status)
