"""Bulk changes: count, confirm, watch, cancel, undo. A job is seen by whoever started it, and nobody else."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import retarget, trigger_client_event

from saifa_crm.access import roles_of, staff_of

from .bulk_actions import BulkAction, bulk_action
from .bulk_page import BulkPage
from .list_urls import ListUrl
from .models import BulkJob, BulkState, Contact
from .selection import ticked_ids
from .selectors.listing import contact_listing
from .services.bulk import NotUndoable, bulk_cancel, bulk_confirm, bulk_draft, bulk_recent, bulk_undo
from .tasks import bulk_begin

STATUS = "#bulk-status"


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_home(request: HttpRequest) -> HttpResponse:
    """What the person has changed of late, to be undone; a POST counts a new change."""
    if request.method == "POST":
        return bulk_create(request)
    jobs = [BulkPage(job) for job in bulk_recent(staff_of(request))]
    return render(request, "contacts/bulk_recent.html", {"jobs": jobs, "nav": "contacts"})


def bulk_create(request: HttpRequest) -> HttpResponse:
    """Count: the ticked contacts (`id`, `ids`), or with `all` every one that matches `query`. Answers the dialog."""
    action = _allowed(request, request.POST.get("action", ""))
    contacts, query = Contact.objects.filter(pk__in=ticked_ids(request.POST)), ""
    if request.POST.get("all"):
        if "query" not in request.POST:  # a form that lost a part must not mean everybody
            return _refused(request, _("No contacts are selected."))
        listing = contact_listing(QueryDict(request.POST["query"]))
        if not listing.is_valid:
            return _refused(request, " ".join(listing.errors))
        contacts, query = listing.queryset, ListUrl.of(listing.params).query
    job = bulk_draft(actor=staff_of(request), action=action.key, contacts=contacts, query=query)
    if not job.counted:
        return _refused(request, _("No contacts are selected."))
    if request.headers.get("HX-Request"):
        return render(request, "contacts/_bulk_confirm.html", {"bulk": BulkPage(job)})
    return redirect("contacts:bulk-job", job.pk)


@require_safe
def bulk_job(request: HttpRequest, pk: int) -> HttpResponse:
    """The job: to be confirmed, running, or what came of it."""
    job = _own(request, pk)
    if request.headers.get("HX-Request"):
        return _status(request, job)
    return render(request, "contacts/bulk.html", {"bulk": BulkPage(job), "nav": "contacts"})


@require_POST
def bulk_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, with what is chosen (`choice`); a second press shows what the first one started."""
    if not BulkJob.objects.filter(pk=pk).exists():
        return _refused(request, _("These contacts were counted a while ago. Select them again."))
    job = _own(request, pk)
    action = _allowed(request, job.action)
    chosen = _chosen(request, action)
    if job.state == BulkState.DRAFT and chosen is None:
        return _confirm_again(request, BulkPage(job, error=_("Choose one.")))
    if bulk_confirm(job_id=pk, choices=chosen or ()):
        bulk_begin(job)
    return _shown(request, _own(request, pk))


@require_POST
def bulk_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel: what is changed by now stays, and can be undone."""
    bulk_cancel(job_id=_own(request, pk).pk)
    return _shown(request, _own(request, pk))


@require_POST
def bulk_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo what the job changed, by a job of its own."""
    job = _own(request, pk)
    _allowed(request, job.action)
    try:
        undo = bulk_undo(job_id=pk, actor=staff_of(request))
    except NotUndoable:
        return _refused(request, _("This can no longer be undone."))
    bulk_begin(undo)
    return _shown(request, _own(request, undo.pk))


def _own(request: HttpRequest, pk: int) -> BulkJob:
    return get_object_or_404(BulkJob, pk=pk, actor=staff_of(request))


def _allowed(request: HttpRequest, key: str) -> BulkAction:
    action = bulk_action(key)
    if action is None:
        raise Http404
    if not action.roles & roles_of(request.user):
        raise PermissionDenied
    return action


def _chosen(request: HttpRequest, action: BulkAction) -> list[int] | None:
    """What was chosen of what is offered; None where nothing (or too much) was, and something must be."""
    if action.choices is None:
        return []
    sent = set(request.POST.getlist("choice"))
    chosen = [choice.pk for choice in action.choices() if str(choice.pk) in sent]
    return chosen if chosen and (action.many or len(chosen) == 1) else None


def _confirm_again(request: HttpRequest, page: BulkPage) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "contacts/_bulk_confirm.html", {"bulk": page})
    return render(request, "contacts/bulk.html", {"bulk": page, "nav": "contacts"}, status=422)


def _shown(request: HttpRequest, job: BulkJob) -> HttpResponse:
    """The line of progress in place of the dialog; without htmx the job's page."""
    if not request.headers.get("HX-Request"):
        return redirect("contacts:bulk-job", job.pk)
    return trigger_client_event(retarget(_status(request, job), STATUS), "bulkStarted", {"job": job.pk})


def _status(request: HttpRequest, job: BulkJob) -> HttpResponse:
    response = render(request, "contacts/_bulk_status.html", {"bulk": BulkPage(job)})
    fresh = job.is_running or "again" in request.GET  # a list that was loaded after the change
    return response if fresh else trigger_client_event(response, "contactChanged")


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        refusal = retarget(render(request, "contacts/_bulk_refused.html", {"why": why}), STATUS)
        return trigger_client_event(refusal, "bulkRefused")
    messages.error(request, why)
    return redirect(reverse("contacts:list"))
