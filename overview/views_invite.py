"""The public end of a one-time link."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from .forms import NewPasswordForm
from .selectors import invitation_open
from .services import InvitationInvalid, invitation_accept
from .services.invitations import token_hash

BACKEND = "saifa_crm.sign_in.StaffBackend"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password and be signed in; 410 where the link was used, replaced or is too old."""
    invitation = invitation_open(token_hash(token))
    if invitation is None:
        return _private(render(request, "overview/invite_invalid.html", status=410))
    form = NewPasswordForm(invitation.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = invitation_accept(token=token, password=form.cleaned_data["new_password1"])
        except InvitationInvalid:
            return _private(render(request, "overview/invite_invalid.html", status=410))
        login(request, person, backend=BACKEND)
        return redirect("home")
    return _private(render(request, "overview/invite.html", {"form": form, "person": invitation.user}))


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret until it is used: it goes into no referrer."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
