"""URLs that break the rules, for test_access."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from saifa_crm.access import public
from saifa_crm.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def undeclared(request: HttpRequest) -> HttpResponse:
    """Nobody said who may open it."""
    return HttpResponse("secret")


def fails(request: HttpRequest) -> HttpResponse:
    """Raises."""
    raise RuntimeError("broken")


urlpatterns = [path("undeclared/", undeclared), path("fails/", public(fails))]
