"""URLs of the contacts app."""

from django.urls import re_path

from saifa_crm.access import AGENT, MARKETER, OWNER, allow

from . import pictures

app_name = "contacts"
urlpatterns = [
    re_path(
        r"^pictures/(?P<name>[0-9]+-[0-9a-f]{12}\.webp)$",
        allow(AGENT, MARKETER, OWNER)(pictures.picture),
        name="picture",
    ),
]
