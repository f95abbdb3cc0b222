"""URLs of the contacts app."""

from django.urls import path, re_path

from saifa_crm.access import AGENT, MARKETER, OWNER, allow

from . import pictures, views_list

app_name = "contacts"
urlpatterns = [
    path("", allow(AGENT, MARKETER, OWNER)(views_list.contact_list), name="list"),
    path("report.csv", allow(MARKETER, OWNER)(views_list.contact_report), name="report"),
    re_path(
        r"^pictures/(?P<name>[0-9]+-[0-9a-f]{12}\.webp)$",
        allow(AGENT, MARKETER, OWNER)(pictures.picture),
        name="picture",
    ),
]
