"""A person's own page: name, address, language, password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from saifa_crm.access import staff_of
from saifa_crm.lib.addresses import path_of

from .forms import AccountForm, ChangePasswordForm
from .middleware import SESSION_KEY
from .selectors import language_of
from .services import account_update, language_choose

YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show and save."""
    user = staff_of(request)
    initial = {"name": user.get_full_name(), "email": user.email, "language": language_of(user)}
    form = AccountForm(request.POST or None, initial=initial, user=user)
    if request.method == "POST" and form.is_valid():
        account_update(user=user, **form.cleaned_data)
        response = redirect("account")
        _remember(request, response, form.cleaned_data["language"])
        with translation.override(form.cleaned_data["language"] or translation.get_language()):
            messages.success(request, _("Saved."))
        return response
    return render(request, "overview/account.html", {"form": form, "nav": "account"})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language switch of every page: kept with the person, or in a cookie for somebody not signed in."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        chosen = ""
    response = redirect(_back(request))
    if request.user.is_authenticated:
        language_choose(user=staff_of(request), language=chosen)
    _remember(request, response, chosen)
    return response


class ChangePassword(PasswordChangeView):
    """Keeps this session, ends the person's others."""

    form_class = ChangePasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("account")
    extra_context = {"nav": "account"}

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password is changed. Other computers are signed out."))
        return super().form_valid(form)


def _remember(request: HttpRequest, response: HttpResponse, chosen: str) -> None:
    if request.user.is_authenticated:
        request.session[SESSION_KEY] = chosen
    name = settings.LANGUAGE_COOKIE_NAME
    if not chosen:
        response.delete_cookie(name)
        return
    response.set_cookie(
        name, chosen, max_age=YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _back(request: HttpRequest) -> str:
    """The page the switch stood on: `next`, else the referrer's path, else home."""
    target = request.POST.get("next", "")
    if not target:
        target = path_of(request.headers.get("Referer", ""))
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and safe else "/"
