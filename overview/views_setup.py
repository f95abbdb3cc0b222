"""The first owner's walk through an empty installation: name the shop, connect a channel, invite, done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saifa_crm.access import staff_of

from . import services
from .forms import ROLE_HINTS, PersonForm, ShopForm
from .selectors import name_of_shop, setup_step, setup_wanted
from .views_team import show_link

STEPS = ("name", "channel", "invite")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def setup(request: HttpRequest) -> HttpResponse:
    """GET shows `step` (default: the first not done), POST does it. Nothing to see once it is over."""
    if not setup_wanted():
        return redirect("home")
    step = request.GET.get("step", "")
    if step not in STEPS or not name_of_shop():
        step = setup_step()
    if request.method != "POST":
        return _page(request, step)
    if request.POST.get("done"):
        services.shop_finish_setup()
        return redirect("home")
    return _invite(request) if step == "invite" else _name(request)


def _name(request: HttpRequest) -> HttpResponse:
    form = ShopForm(request.POST)
    if not form.is_valid():
        return _page(request, "name", form)
    services.shop_rename(name=form.cleaned_data["name"])
    return redirect(f"{reverse('setup')}?step=channel")


def _invite(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST)
    if form.is_valid():
        try:
            person, token = services.person_add(actor=staff_of(request), **form.cleaned_data)
        except services.TeamError as error:
            form.add_error("email", str(error))
        else:
            return show_link(request, person, token, next_url=f"{reverse('setup')}?step=invite")
    return _page(request, "invite", form)


def _page(request: HttpRequest, step: str, form: ShopForm | PersonForm | None = None) -> HttpResponse:
    if form is None and step == "name":
        form = ShopForm(initial={"name": name_of_shop()})
    if form is None and step == "invite":
        form = PersonForm()
    context = {"step": step, "number": STEPS.index(step) + 1, "form": form, "role_hints": ROLE_HINTS}
    return render(request, "overview/welcome.html", context)
