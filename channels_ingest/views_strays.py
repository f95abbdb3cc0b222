"""Stray events for owners: look, replay, discard."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from saifa_crm.access import staff_of

from .models import StrayEvent
from .services_strays import stray_replay, strays_discard
from .strays_page import StrayFilter, choices, pretty, reason_words, stray_page
from .tasks import strays_replay_begin, strays_replaying


@require_GET
def stray_list(request: HttpRequest) -> HttpResponse:
    """The strays of a filter."""
    filters = StrayFilter.read(request.GET)
    page = stray_page(filters, request.GET.get("page", ""))
    rows = [(stray, reason_words(stray.reason)) for stray in page]
    context = {
        "nav": "channels",
        "filters": filters,
        "page": page,
        "rows": rows,
        "newest": filters.strays().aggregate(newest=Max("pk"))["newest"],
        "replaying": strays_replaying(),
    }
    return render(request, "channels/strays.html", context | choices())


@require_GET
def stray_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One stray with its body as it came."""
    stray = get_object_or_404(StrayEvent.objects.select_related("channel", "decided_by"), pk=pk)
    context = {"nav": "channels", "stray": stray, "reason": reason_words(stray.reason), "body": pretty(stray.body)}
    return render(request, "channels/stray.html", context)


@require_POST
def stray_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Replay one, or discard it (`discard` in the post)."""
    stray = get_object_or_404(StrayEvent, pk=pk)
    if "discard" in request.POST:
        strays_discard(strays=StrayEvent.objects.filter(pk=stray.pk), actor_id=staff_of(request).pk)
        messages.success(request, _("Discarded."))
    elif stray_replay(stray_id=pk, actor_id=staff_of(request).pk):
        messages.success(request, _("Replayed: it is where it belongs now."))
    else:
        messages.error(request, _("It still cannot be applied. It is kept."))
    return redirect("channels:strays")


@require_POST
def strays_decide(request: HttpRequest) -> HttpResponse:
    """Replay or discard all kept ones of the filter; a replay runs in the background."""
    filters = StrayFilter.read(QueryDict(request.POST.get("filter", "")))
    upto = request.POST.get("upto", "")
    newest = int(upto) if upto.isascii() and upto.isdigit() and len(upto) < 19 else 0
    # What came after the page was shown has been seen by nobody: it is left.
    kept = StrayEvent.objects.filter(**filters.lookups, state=StrayEvent.State.KEPT, pk__lte=newest)
    if "discard" in request.POST:
        count = strays_discard(strays=kept, actor_id=staff_of(request).pk)
        messages.success(request, ngettext("%(n)s discarded.", "%(n)s discarded.", count) % {"n": count})
    elif kept.exists():
        strays_replay_begin(filters.lookups, newest, staff_of(request).pk)
        messages.success(request, _("Replaying has begun. This page counts what is left."))
    return redirect(f"{reverse('channels:strays')}?{filters.query}")
