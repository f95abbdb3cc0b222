"""The labels page: create, rename, recolour, archive."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from saifa_crm.lib.safe_text import storable

from .forms import LabelForm
from .models import Colour, Label
from .selectors import label_totals, labels_with_use
from .services import label_create, label_set_archived, label_update


def _page(request: HttpRequest, form: LabelForm, status: int = 200) -> HttpResponse:
    search = storable(request.GET.get("q", ""))[:100]
    labels = list(labels_with_use(search))
    most = max((label.uses for label in labels), default=0) or 1  # type: ignore[attr-defined]  # annotated
    context = {
        "nav": "labels",
        "form": form,
        "colours": Colour.choices,
        "colour": form["colour"].value(),
        "search": search,
        "most": most,
        "totals": label_totals(),
        "active": [label for label in labels if not label.archived],
        "archived": [label for label in labels if label.archived],
    }
    return render(request, "labels/list.html", context, status=status)


@require_http_methods(["GET", "POST"])
def label_list(request: HttpRequest) -> HttpResponse:
    """The list, with the form of a new label."""
    form = LabelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        label = label_create(**form.cleaned_data)
        messages.success(request, _("Label “%(name)s” created.") % {"name": label.name})
        return redirect("labels:list")
    return _page(request, form, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def label_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The list, with the form of one label."""
    label = get_object_or_404(Label, pk=pk)
    form = LabelForm(request.POST or None, label=label)
    if request.method == "POST" and form.is_valid():
        try:
            label_update(label_id=pk, **form.cleaned_data)
        except IntegrityError:
            form.add_error("name", _("This name was taken a moment ago."))
        else:
            messages.success(request, _("Saved."))
            return redirect("labels:list")
    return _page(request, form, 422 if form.errors else 200)


@require_POST
def label_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Archive (`archived=1`) or restore (`archived=0`)."""
    get_object_or_404(Label, pk=pk)
    label_set_archived(label_id=pk, archived=request.POST.get("archived") == "1")
    return redirect("labels:list")
