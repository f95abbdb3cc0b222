"""The column menu: which columns a person sees, in which order, how high the rows are."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import push_url
from django_htmx.middleware import HtmxDetails

from saifa_crm.access import staff_of

from .list_page import REGION, ListPage
from .list_urls import ListUrl
from .models import ListPreference
from .selectors.listing import contact_listing
from .selectors.preference import ColumnMenu, list_preference
from .services.preference import list_preference_reset, list_preference_set


@require_http_methods(["GET", "HEAD", "POST"])
def list_columns_menu(request: HttpRequest) -> HttpResponse:
    """GET: the menu for the list's popover, or as a page for who has no JavaScript. POST: keep what was chosen."""
    return _keep(request) if request.method == "POST" else _menu(request)


def _menu(request: HttpRequest) -> HttpResponse:
    """`list`: the parameters of the list to come back to."""
    menu = ColumnMenu(list_preference(staff_of(request)))
    if HtmxDetails(request):
        return render(request, "contacts/_columns_form.html", {"menu": menu})
    url = ListUrl.of(QueryDict(request.GET.get("list", "")))
    context = {"menu": menu, "query": url.query, "back": _list_at(url), "nav": "contacts"}
    return render(request, "contacts/columns.html", context)


def _keep(request: HttpRequest) -> HttpResponse:
    """Answers the list region at the same parameters (`list`) to htmx, else goes back there, or on with a move."""
    preference = _choose(request)
    params = QueryDict(request.POST.get("list", ""))
    if HtmxDetails(request).target == REGION:
        page = ListPage(contact_listing(params), preference)
        return push_url(render(request, "contacts/_columns_swap.html", {"list": page}), False)
    url = ListUrl.of(params)
    if "move" in request.POST:
        return redirect(f"{reverse('contacts:columns')}?{urlencode({'list': url.query})}")
    return redirect(_list_at(url))


def _list_at(url: ListUrl) -> str:
    return f"{reverse('contacts:list')}{url}".removesuffix("?")


def _choose(request: HttpRequest) -> ListPreference:
    """`column` (repeatable, in order), `density`, `move` ("up:email", without JavaScript), `reset`."""
    user, posted = staff_of(request), request.POST
    if "reset" in posted:
        return list_preference_reset(user=user)
    columns = moved(posted.getlist("column"), posted.get("move", ""))
    return list_preference_set(user=user, columns=columns, density=posted.get("density", ""))


def moved(keys: list[str], move: str) -> list[str]:
    """The keys with one of them a place up or down; at the end, or not among them, they stay as they are."""
    direction, _colon, key = move.partition(":")
    if key not in keys:
        return keys
    others = [other for other in keys if other != key]
    place = keys.index(key) + {"up": -1, "down": 1}.get(direction, 0)
    return [*others[: max(place, 0)], key, *others[max(place, 0) :]]
