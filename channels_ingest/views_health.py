"""One channel's page: how it has fared, what its platform told, what may be missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from .health import days, gaps_of, notices_of, strays_kept
from .models import Connection
from .selectors import connection_rows
from .services_notices import notices_read


@require_GET
def channel_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures of 24 hours, notices and gaps of one channel."""
    connection = get_object_or_404(Connection.objects.select_related("channel"), pk=pk)
    row = next(row for row in connection_rows() if row.connection.pk == pk)
    channel_id = connection.channel_id
    context = {
        "nav": "channels",
        "row": row,
        "connection": connection,
        "channel": connection.channel,
        "day": days([channel_id])[channel_id],
        "gaps": gaps_of(channel_id),
        "notices": notices_of(channel_id),
        "strays": strays_kept(channel_id),
    }
    return render(request, "channels/detail.html", context)


@require_POST
def notices_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner has read what the platform told."""
    connection = get_object_or_404(Connection, pk=pk)
    notices_read(channel_id=connection.channel_id)
    return redirect("channels:detail", pk)
