"""The customer panel: read, edit, label, VIP. Answers the partial to htmx, a page or a redirect to everything else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labels.forms import LabelForm
from labels.services import label_create
from saifa_crm.access import staff_of

from .forms import ContactForm
from .models import Contact
from .selectors import panel_context
from .selectors.panel import tab_known
from .services import FIELDS, EditConflict, contact_edit, contact_labels_change, contact_set_vip

form_page = require_http_methods(["GET", "HEAD", "POST"])  # a refused form's address can be opened again


def _answer(request: HttpRequest, context: dict[str, Any], *, changed: bool) -> HttpResponse:
    """The panel again for htmx; else a redirect to the page after a change, the page itself after a refusal."""
    if request.headers.get("HX-Request"):
        response = render(request, "contacts/_panel.html", context)
        if changed:
            response["HX-Trigger"] = "contactChanged"
        return response
    if changed:
        url = reverse("contacts:detail", args=[context["contact"].pk])
        return redirect(f"{url}?tab={context['panel']['tab']}")
    return render(request, "contacts/detail.html", {"nav": "contacts", **context}, status=422)


def _changed(request: HttpRequest, pk: int, tab: str = "overview") -> HttpResponse:
    """The answer to a change: the contact as it is now, triggers' work included."""
    context = panel_context(get_object_or_404(Contact, pk=pk), request, tab)
    context["panel"]["just_changed"] = True
    return _answer(request, context, changed=True)


def _form(request: HttpRequest, contact: Contact, tab: str) -> HttpResponse:
    """The panel with a form open as if for the first time: partial for htmx, else the page."""
    template = "contacts/_panel.html" if request.headers.get("HX-Request") else "contacts/detail.html"
    return render(request, template, {"nav": "contacts", **panel_context(contact, request, tab)})


@require_GET
def contact_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The contact's own page."""
    context = panel_context(get_object_or_404(Contact, pk=pk), request)
    return render(request, "contacts/detail.html", {"nav": "contacts", **context})


@require_GET
def contact_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel alone."""
    return render(request, "contacts/_panel.html", panel_context(get_object_or_404(Contact, pk=pk), request))


@form_page
def contact_edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The form; a POST saves what was typed, or shows in place what is wrong with it."""
    contact = get_object_or_404(Contact, pk=pk)
    if request.method != "POST":
        return _form(request, contact, "edit")
    form = ContactForm(request.POST, contact=contact)
    if form.is_valid():
        try:
            contact_edit(
                contact_id=pk,
                actor=staff_of(request),
                base_revision=form.revision,
                original=form.original,
                changes={name: form.cleaned_data[name] for name in FIELDS},
            )
        except EditConflict as error:
            form.conflicted(error)
        else:
            return _changed(request, pk)
    form.focus_first_error()
    return _answer(request, panel_context(contact, request, "edit", form), changed=False)


@require_POST
def contact_vip(request: HttpRequest, pk: int) -> HttpResponse:
    """Make VIP (`vip=1`) or plain user (`vip=0`); `tab` stays open."""
    get_object_or_404(Contact, pk=pk)
    contact_set_vip(contact_id=pk, actor=staff_of(request), vip=request.POST.get("vip") == "1")
    return _changed(request, pk, tab_known(request.POST.get("tab")))


@form_page
def contact_labels(request: HttpRequest, pk: int) -> HttpResponse:
    """The picker; a POST applies the difference between the ticks as shown (`had`) and as sent (`label`)."""
    contact = get_object_or_404(Contact, pk=pk)
    if request.method != "POST":
        return _form(request, contact, "labels")
    had, ticked = _ids(request, "had"), _ids(request, "label")
    contact_labels_change(contact_id=pk, actor=staff_of(request), add=ticked - had, remove=had - ticked)
    return _changed(request, pk)


@form_page
def contact_label_create(request: HttpRequest, pk: int) -> HttpResponse:
    """The picker; a POST creates a label and puts it on the contact, the ticks with it (`had`, `label`)."""
    contact = get_object_or_404(Contact, pk=pk)
    if request.method != "POST":
        return _form(request, contact, "labels")
    form = LabelForm(request.POST)
    had, ticked = _ids(request, "had"), _ids(request, "label")
    if not form.is_valid():
        context = panel_context(contact, request, "labels", label_form=form)
        picker = context["panel"]["picker"]
        picker["ticked"] = (picker["has"] | (ticked - had)) - (had - ticked)
        return _answer(request, context, changed=False)
    label = label_create(**form.cleaned_data)
    contact_labels_change(contact_id=pk, actor=staff_of(request), add={label.pk} | (ticked - had), remove=had - ticked)
    return _changed(request, pk)


def _ids(request: HttpRequest, name: str) -> set[int]:
    """Label ids that were sent; anything that cannot be one is left out."""
    return {int(text) for text in request.POST.getlist(name) if text.isdecimal() and len(text) < 10}
