"""Sign-in, sign-out, and the way home."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from saifa_crm.access import AGENT, OWNER, has_role, roles_of

from .forms import SignInForm
from .selectors import setup_wanted


class SignIn(LoginView):
    """302 on success, to `next` where that is a page of this host; 429 while locked (overview.throttle)."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if not form.cleaned_data["remember"]:
            self.request.session.set_expiry(0)
        return response


@method_decorator(never_cache, name="dispatch")
class SignOut(LogoutView):
    """POST signs out; GET asks first, because a picture in a mail could be a GET."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect("login")
        return render(request, "registration/logout.html")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Agents start in the inbox, others with the contacts, the owner of an empty installation in set-up."""
    if has_role(request.user, OWNER) and setup_wanted():
        return redirect("setup")
    return redirect("inbox:list" if roles_of(request.user) == {AGENT} else "contacts:list")
