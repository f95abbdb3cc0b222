"""Views of the list that people keep: save, rename, share, reorder, delete. Forms open in a dialog or as pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from saifa_crm.access import staff_of

from .forms_segments import SegmentForm, SegmentQueryForm
from .list_urls import ListUrl
from .list_views import tab_counts
from .models import Segment
from .segment_words import SegmentWords
from .segments import BUILT_INS, canonical, url_of
from .selectors.segments import Counter, SegmentsOf
from .services import segments as services

DIALOG = "segment-dialog"  # id of the dialog that htmx fills
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def segment_list(request: HttpRequest) -> HttpResponse:
    """All views with their filters in words; those that a person may change, with the buttons for it."""
    segments, counter = SegmentsOf(staff_of(request)), Counter(max_age=0)
    rows = [
        {
            "segment": segment,
            "url": url_of(segment.query, segment=str(segment.pk)),
            "words": SegmentWords(counter.listing(segment.query), segment.query),
            "own": segments.is_own(segment),
            "may_change": segments.may_change(segment),
            "left": segments.neighbour(segment, -1),
            "right": segments.neighbour(segment, 1),
        }
        for segment in segments.all
    ]
    built_in = [{"view": view, "url": url_of(view.query)} for view in BUILT_INS]
    context = {"nav": "contacts", "rows": rows, "built_in": built_in, "may_create": segments.may_create}
    return render(request, "contacts/segments.html", context)


@require_GET
def segment_counts(request: HttpRequest) -> HttpResponse:
    """Counts of the views in a person's row, swapped into their places; `fresh=1` after a change."""
    tabs = tab_counts(
        staff_of(request), open_segment=request.GET.get("segment", ""), changed=request.GET.get("fresh") == "1"
    )
    return render(request, "contacts/_view_counts.html", {"tabs": tabs})


@form_page
def segment_new(request: HttpRequest) -> HttpResponse:
    """The form to keep the list's filters; a POST keeps `query` under a name and opens the view."""
    if request.method != "POST":
        query = canonical(ListUrl.of(request.GET))
        kept = SegmentQueryForm({"query": query})
        return _form(request, SegmentForm(), query=query, errors=_refusals(kept))
    form, kept = SegmentForm(request.POST), SegmentQueryForm(request.POST)
    if form.is_valid() & kept.is_valid():
        try:
            segment = services.segment_create(
                owner=staff_of(request),
                name=form.cleaned_data["name"],
                query=kept.cleaned_data["query"],
                shared=form.shared,
            )
        except services.NameTaken:
            form.name_taken()
        except services.TooMany:
            form.add_error(None, _("You have %(most)d views, no more fit. Delete one first.") % {"most": services.MOST})
        else:
            messages.success(request, _("View “%(name)s” saved.") % {"name": segment.name})
            return _go(request, _url_of_list(segment))
    query = canonical(ListUrl.of(QueryDict(request.POST.get("query", ""))))
    errors = [*_refusals(kept), *map(str, form.non_field_errors())]
    return _form(request, form, query=query, errors=errors, refused=True)


@form_page
def segment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a segment's name and of who sees it."""
    segment, own = _changeable(request, pk)
    if request.method != "POST":
        return _form(request, SegmentForm(segment=segment, own=own), query=segment.query, segment=segment)
    form = SegmentForm(request.POST, segment=segment, own=own)
    if form.is_valid():
        try:
            services.segment_update(
                segment_id=pk, actor=staff_of(request), name=form.cleaned_data["name"], shared=form.shared
            )
        except services.NameTaken:
            form.name_taken()
        else:
            messages.success(request, _("Saved."))
            return _go(request, reverse("contacts:segments"))
    return _form(request, form, query=segment.query, segment=segment, refused=True)


@require_POST
def segment_filters(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the list's filters (`query`) under the segment's name."""
    segment, _own = _changeable(request, pk)
    kept = SegmentQueryForm(request.POST)
    if not kept.is_valid():
        for error in _refusals(kept):
            messages.error(request, error)
        return HttpResponseRedirect(_url_of_list(segment))
    segment = services.segment_set_query(segment_id=pk, actor=staff_of(request), query=kept.cleaned_data["query"])
    messages.success(request, _("View “%(name)s” saved.") % {"name": segment.name})
    return HttpResponseRedirect(_url_of_list(segment))


@require_POST
def segment_move(request: HttpRequest, pk: int) -> HttpResponse:
    """A place to the left (`step=left`) or to the right."""
    _changeable(request, pk)
    services.segment_move(segment_id=pk, actor=staff_of(request), step=-1 if request.POST.get("step") == "left" else 1)
    return HttpResponseRedirect(f"{reverse('contacts:segments')}#segment-{pk}")


@form_page
def segment_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """The question; a POST deletes."""
    segment, own = _changeable(request, pk)
    if request.method != "POST":
        return _show(request, "contacts/_segment_delete.html", {"segment": segment, "own": own})
    services.segment_delete(segment_id=pk, actor=staff_of(request))
    messages.success(request, _("View “%(name)s” deleted.") % {"name": segment.name})
    return _go(request, reverse("contacts:segments"))


def _changeable(request: HttpRequest, pk: int) -> tuple[Segment, bool]:
    """The segment and whether it is their own; 404 where it is not theirs to change."""
    segments = SegmentsOf(staff_of(request))
    try:
        segment = segments.changeable(pk)
    except Segment.DoesNotExist as error:
        raise Http404 from error
    return segment, segments.is_own(segment)


def _refusals(kept: SegmentQueryForm) -> list[str]:
    return [str(error) for error in kept.errors.get("query", [])]


def _form(
    request: HttpRequest,
    form: SegmentForm,
    *,
    query: str,
    segment: Segment | None = None,
    errors: list[str] | None = None,
    refused: bool = False,
) -> HttpResponse:
    words = SegmentWords(Counter(max_age=0).listing(query), query)
    context = {"form": form, "query": query, "segment": segment, "words": words, "errors": errors or []}
    return _show(request, "contacts/_segment_form.html", context, status=422 if refused else 200)


def _show(request: HttpRequest, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The part alone for the dialog (htmx swaps no error status), else a page around it."""
    if HtmxDetails(request).target == DIALOG:
        return render(request, part, {**context, "dialog": True})
    return render(request, "contacts/segment.html", {**context, "nav": "contacts", "part": part}, status=status)


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if HtmxDetails(request).target == DIALOG else HttpResponseRedirect(url)


def _url_of_list(segment: Segment) -> str:
    return f"{reverse('contacts:list')}{url_of(segment.query, segment=str(segment.pk))}"
