"""Sign-in throttle on django-axes: 5 tries by (person, address) in 15 minutes, 100 by the address alone.

Axes brings backend, signals and middleware; the counting is ours, because its database handler counts tries
without a window (each new one prolongs the older ones), knows one limit only and keeps what was posted. The
counters live in the database, which sign-in needs anyway: a Redis that is down neither locks out nor lets in.
"""

from __future__ import annotations

import ipaddress
import math
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.base import AxesHandler
from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from saifa_crm.middleware import client_ip

Failures = QuerySet[AccessFailureLog]


def address_of(request: HttpRequest) -> str:
    """The client's address; of IPv6 the /64 network, all of which one customer of a provider holds."""
    address = ipaddress.ip_address(client_ip(request).partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def username_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name tries are counted under; the form has already turned an email address into it."""
    return str((credentials or {}).get("username") or "").casefold()[:255]


def locked_until(username: str, address: str) -> datetime | None:
    """When this person may try again from this address; None when they may now."""
    of_address = AccessFailureLog.objects.filter(ip_address=address)
    ends = (
        _lock_end(of_address.filter(username=username), settings.AXES_FAILURE_LIMIT),
        _lock_end(of_address, settings.SIGN_IN_ADDRESS_LIMIT),
    )
    return max((end for end in ends if end), default=None)


def _lock_end(failures: Failures, limit: int) -> datetime | None:
    """A lock lasts one cool-off from the try that filled the window; tries during it are not recorded."""
    window: timedelta = settings.AXES_COOLOFF_TIME
    now = timezone.now()
    recent = failures.filter(attempt_time__gt=now - 2 * window).order_by("-attempt_time")
    times = list(recent.values_list("attempt_time", flat=True)[:limit])
    if len(times) < limit or times[0] - times[-1] > window:
        return None
    end: datetime = times[0] + window
    return end if end > now else None


class SignInThrottle(AxesHandler):
    """One row a failed try, deleted by the person's next success; see `locked_until` for the rule.

    Requests carry what axes' proxy puts on them: `axes_ip_address`, `axes_locked_out` and so on.
    """

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        return locked_until(username_of(request, credentials), request.axes_ip_address) is not None

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        if request is None:
            return
        request.axes_credentials = credentials
        if request.axes_locked_out:  # refused unseen: not a try, and it must not prolong the lock
            return
        username = username_of(request, credentials)
        AccessFailureLog.objects.create(
            username=username,
            ip_address=request.axes_ip_address,
            user_agent=request.axes_user_agent.replace("\0", ""),
            http_accept="",
            path_info="",
        )
        request.axes_locked_out = locked_until(username, request.axes_ip_address) is not None

    def user_logged_in(self, sender: Any, request: Any, user: User, **kwargs: Any) -> None:
        AccessFailureLog.objects.filter(
            username=user.get_username().casefold(), ip_address=request.axes_ip_address
        ).delete()

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """For axes' own commands: `manage.py axes_reset_username NAME`, `axes_reset_ip`, `axes_reset`."""
        failures = AccessFailureLog.objects.all()
        if ip_address:
            failures = failures.filter(ip_address=ip_address)
        if username:
            failures = failures.filter(username=username.casefold())
        return failures.delete()[0]


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """The sign-in page without its form, saying when to come back; 429."""
    until = locked_until(username_of(request, credentials), address_of(request)) or timezone.now()
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
    context = {"locked_until": until, "minutes": math.ceil(seconds / 60)}
    response = render(request, "registration/locked.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
