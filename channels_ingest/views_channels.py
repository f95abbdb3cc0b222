"""The channels page: connect, edit, check, disconnect."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.models import Channel

from .forms import ConnectForm, EditForm
from .models import Connection, ConnectionState
from .platforms import ADAPTERS
from .selectors import connection_rows, credentials_to_end
from .services_check import connection_check
from .services_connect import (
    connection_connect,
    connection_disconnect,
    connection_edit,
    meta_credential_end,
    must_be_told,
)
from .spool_status import spool_status


@require_GET
def channel_list(request: HttpRequest) -> HttpResponse:
    """All connections."""
    rows = connection_rows()
    connected = [row for row in rows if row.connection.state != ConnectionState.DISCONNECTED]
    return render(
        request,
        "channels/list.html",
        {
            "nav": "channels",
            "rows": rows,
            "connected": len(connected),
            "attention": sum(row.needs_attention for row in connected),
            "platforms": list(ADAPTERS),
            "spool": spool_status(),
            "credentials": credentials_to_end(),
        },
    )


def _confirmed(connection: Connection) -> bool:
    return connection.state == ConnectionState.CONNECTED and not connection.state_note


def _tell(request: HttpRequest, connection: Connection, confirmed: str) -> None:
    """Say `confirmed` only where the check just made confirmed the token."""
    if _confirmed(connection):
        messages.success(request, confirmed)
    else:
        note = connection.state_note or "-"
        messages.error(request, _("The platform did not confirm the token (%(note)s).") % {"note": note})


@require_http_methods(["GET", "POST"])
def channel_connect(request: HttpRequest, platform: str) -> HttpResponse:
    """Connect an account: the token is checked, the webhook subscribed, and what is missing is listed after."""
    form = ConnectForm(request.POST or None, platform=platform)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        connection = connection_connect(
            platform=platform,
            external_id=data["external_id"],
            name=data["name"],
            secret=data.get("secret", ""),
            token=data["token"],
            verify_token=data.get("verify_token", ""),
            provider=data.get("provider") or None,  # empty keeps what is set: connecting again must not part people
        )
        if data["token"]:
            connection = connection_check(connection_id=connection.pk)
            _tell(request, connection, _("%(name)s is connected.") % {"name": connection.channel.name})
        else:
            messages.success(request, _("Saved."))
        return redirect(f"/channels/#channel-{connection.pk}")
    status = 422 if form.errors else 200
    context = {"nav": "channels", "form": form, "platform": platform, "manual": bool(form.errors)}
    return render(request, "channels/connect.html", context, status=status)


@require_http_methods(["GET", "POST"])
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, rotate secrets, replace the token."""
    connection = get_object_or_404(Connection.objects.select_related("channel"), pk=pk)
    channel: Channel = connection.channel
    if connection.state == ConnectionState.DISCONNECTED:  # it has no secrets left to edit
        return redirect("channels:connect", channel.platform)
    form = EditForm(request.POST or None, connection=connection)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        connection_edit(
            connection_id=pk,
            name=data["name"],
            follow_makes_contact=data.get("follow_makes_contact"),
            provider=data.get("provider"),
            secret=data["secret"],
            token=data["token"],
            verify_token=data.get("verify_token", ""),
        )
        messages.success(request, _("Saved."))
        ask = data["token"] or must_be_told(connection, data["secret"])
        if ask and not _confirmed(checked := connection_check(connection_id=pk)):
            _tell(request, checked, "")
        return redirect(f"/channels/#channel-{pk}")
    context = {"nav": "channels", "form": form, "connection": connection}
    return render(request, "channels/edit.html", context, status=422 if form.errors else 200)


@require_POST
def channel_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the platform again."""
    connection = get_object_or_404(Connection, pk=pk)
    checked = connection_check(connection_id=connection.pk)
    _tell(request, checked, _("The platform confirmed the token."))
    return redirect(f"/channels/#channel-{pk}")


@require_http_methods(["GET", "POST"])
def channel_disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then stop taking events; contacts and chats stay."""
    connection = get_object_or_404(Connection.objects.select_related("channel"), pk=pk)
    if request.method == "POST":
        connection_disconnect(connection_id=pk)
        messages.success(request, _("%(name)s is disconnected.") % {"name": connection.channel.name})
        return redirect("channels:list")
    return render(request, "channels/disconnect.html", {"nav": "channels", "connection": connection})


@require_POST
def credential_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop accepting an old app secret or verify token."""
    if meta_credential_end(credential_id=pk):
        messages.success(request, _("It is no longer accepted."))
    else:
        messages.error(request, _("It is the only one, or was removed already."))
    return redirect("channels:list")
