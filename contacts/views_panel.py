"""The customer panel: read, edit, label, VIP. Answers the partial to htmx, a page or a redirect to everything else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from labels.forms import LabelForm
from labels.models import Label
from labels.services import label_create
from saifa_crm.access import MARKETER, OWNER, has_role

from .forms import ContactForm
from .models import Contact
from .selectors import panel_context
from .services import EditConflict, contact_edit, contact_labels_change, contact_set_vip


def _answer(
    request: HttpRequest, contact: Contact, *, tab: str | None = None, form: Any = None, changed: bool = False
) -> HttpResponse:
    """The panel again for htmx; else the page (with a form's errors) or, after a change, a redirect to it."""
    if request.headers.get("HX-Request"):
        response = render(request, "contacts/_panel.html", panel_context(contact, request, tab, form))
        if changed:
            response["HX-Trigger"] = "contactChanged"
        return response
    if changed:
        return redirect(f"/contacts/{contact.pk}/?tab={tab or 'overview'}")
    context = {"nav": "contacts", **panel_context(contact, request, tab, form)}
    return render(request, "contacts/detail.html", context, status=422 if form is not None and form.errors else 200)


def _fresh_form(contact: Contact, tab: str) -> Any:
    return ContactForm.fresh(contact) if tab == "edit" else None


def _context(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    tab = request.GET.get("tab") or request.GET.get("open") or "overview"
    context = panel_context(contact, request, tab, _fresh_form(contact, tab))
    if tab == "labels":
        context["panel"]["picker"] = _picker(contact, request)
    return context


def _picker(contact: Contact, request: HttpRequest, form: LabelForm | None = None) -> dict[str, Any]:
    """Labels to tick: all in use, and archived ones the contact still has."""
    has = set(contact.contact_labels.values_list("label_id", flat=True))
    labels = [label for label in Label.objects.order_by("name_key", "id") if not label.archived or label.pk in has]
    can_create = has_role(request.user, MARKETER, OWNER)
    return {"labels": labels, "has": has, "form": (form or LabelForm()) if can_create else None}


@require_GET
def contact_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The contact's own page."""
    contact = get_object_or_404(Contact, pk=pk)
    return render(request, "contacts/detail.html", {"nav": "contacts", **_context(request, contact)})


@require_GET
def contact_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel alone."""
    return render(request, "contacts/_panel.html", _context(request, get_object_or_404(Contact, pk=pk)))


@require_POST
def contact_edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what was typed, or show in place what is wrong with it."""
    contact = get_object_or_404(Contact, pk=pk)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _answer(request, contact, tab="edit", form=form)
    try:
        revision, original = form.opened_with()
    except (signing.BadSignature, ValueError, TypeError):
        form.add_error(None, _("This form was open too long. Nothing was saved: load the page again."))
        return _answer(request, contact, tab="edit", form=form)
    changes = {name: form.cleaned_data[name] for name in ("name", "phone", "email", "address")}
    try:
        contact = contact_edit(
            contact_id=pk, actor=_actor(request), base_revision=revision, original=original, changes=changes
        )
    except EditConflict as error:
        form.conflicted(error)
        return _answer(request, contact, tab="edit", form=form)
    contact.refresh_from_db()
    return _answer(request, contact, tab="overview", changed=True)


@require_POST
def contact_vip(request: HttpRequest, pk: int) -> HttpResponse:
    """Make VIP (`vip=1`) or plain user (`vip=0`)."""
    get_object_or_404(Contact, pk=pk)
    contact = contact_set_vip(contact_id=pk, actor=_actor(request), vip=request.POST.get("vip") == "1")
    contact.refresh_from_db()
    return _answer(request, contact, tab=_tab(request), changed=True)


@require_POST
def contact_labels(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the difference between the ticks as shown (`had`) and as sent (`label`)."""
    contact = get_object_or_404(Contact, pk=pk)
    had, ticked = _ids(request, "had"), _ids(request, "label")
    contact_labels_change(contact_id=pk, actor=_actor(request), add=ticked - had, remove=had - ticked)
    contact.refresh_from_db()
    return _answer(request, contact, tab="overview", changed=True)


@require_POST
def contact_label_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Create a label and put it on the contact."""
    contact = get_object_or_404(Contact, pk=pk)
    form = LabelForm(request.POST)
    if form.is_valid():
        label = label_create(**form.cleaned_data)
        contact_labels_change(contact_id=pk, actor=_actor(request), add={label.pk})
        contact.refresh_from_db()
        return _answer(request, contact, tab="overview", changed=True)
    context = panel_context(contact, request, "labels")
    context["panel"]["picker"] = _picker(contact, request, form)
    if request.headers.get("HX-Request"):
        return render(request, "contacts/_panel.html", context)
    return render(request, "contacts/detail.html", {"nav": "contacts", **context}, status=422)


def _ids(request: HttpRequest, name: str) -> set[int]:
    """Label ids that were sent; anything that cannot be one is left out."""
    return {int(text) for text in request.POST.getlist(name) if text.isdecimal() and len(text) < 10}


def _tab(request: HttpRequest) -> str:
    return request.POST.get("tab") or "overview"


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware lets only signed-in people here
    return request.user
