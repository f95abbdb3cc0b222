"""The team, for owners: who works here, as what, and their one-time links."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saifa_crm.access import staff_of
from saifa_crm.lib.people import full_name

from . import services
from .forms import ROLE_HINTS, PersonForm, RoleForm
from .selectors import role_of, team, team_events


@require_safe
def team_list(request: HttpRequest) -> HttpResponse:
    """Everybody, and the latest changes."""
    people = [_row(person) for person in team()]
    active = sum(row["person"].is_active for row in people)
    context = {
        "people": people,
        "active": active,
        "gone": len(people) - active,
        "events": team_events(),
        "nav": "team",
    }
    return render(request, "overview/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; the answer shows their link, this once."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person, token = services.person_add(actor=staff_of(request), **form.cleaned_data)
        except services.TeamError as error:
            form.add_error("email", str(error))
        else:
            return show_link(request, person, token)
    return render(request, "overview/team_add.html", {"form": form, "role_hints": ROLE_HINTS, "nav": "team"})


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person with what can be changed about them."""
    return _person_page(request, get_object_or_404(team(), pk=pk))


@require_POST
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Another role."""
    get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _person_page(request, get_object_or_404(team(), pk=pk), error=_("Choose a role."))
    return _change(request, pk, _("The role is changed."), services.person_set_role, role=form.cleaned_data["role"])


@require_POST
@never_cache
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time link, shown this once; older ones stop working."""
    get_object_or_404(User, pk=pk)
    try:
        found, token = services.person_make_link(actor=staff_of(request), person_id=pk)
    except services.TeamError as error:
        return _person_page(request, get_object_or_404(team(), pk=pk), error=str(error))
    return show_link(request, found, token)


@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Shut out at once."""
    return _change(request, pk, _("Deactivated. All their sessions have ended."), services.person_deactivate)


@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let in again."""
    return _change(request, pk, _("Reactivated."), services.person_reactivate)


def show_link(request: HttpRequest, person: User, token: str, *, next_url: str = "") -> HttpResponse:
    """Rendered in answer to the POST: the token is kept nowhere, so no redirect could show it."""
    url = settings.PUBLIC_BASE_URL + reverse("team:invite", args=[token])
    context = {"person": person, "url": url, "next_url": next_url or reverse("team:list"), "nav": "team"}
    return render(request, "overview/team_link.html", context)


def _change(request: HttpRequest, pk: int, done: str, change: Any, **values: Any) -> HttpResponse:
    get_object_or_404(User, pk=pk)
    try:
        change(actor=staff_of(request), person_id=pk, **values)
    except services.TeamError as error:
        return _person_page(request, get_object_or_404(team(), pk=pk), error=str(error))
    messages.success(request, done)
    if pk == request.user.pk:  # somebody who changed themselves may not be an owner any more
        return redirect("home")
    return redirect("team:person", pk=pk)


def _person_page(request: HttpRequest, found: User, error: str = "") -> HttpResponse:
    mine = role_of(found)
    form = RoleForm(initial={"role": mine.value if mine else ""})
    context = {**_row(found), "form": form, "role_hints": ROLE_HINTS, "error": error, "nav": "team"}
    return render(request, "overview/team_person.html", context, status=409 if error else 200)


def _row(person: User) -> dict[str, Any]:
    if not person.is_active:
        state = "gone"
    elif person.has_usable_password():
        state = "active"
    else:
        state = "invited" if person.has_link else "expired"  # type: ignore[attr-defined]
    return {
        "person": person,
        "name": full_name(person),
        "role_held": role_of(person),
        "state": state,
    }
