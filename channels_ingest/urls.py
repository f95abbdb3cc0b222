"""URLs of the channels page: owners only."""

from django.urls import path, re_path

from saifa_crm.access import OWNER, allow

from . import views_channels as views
from .platforms import ADAPTERS

app_name = "channels"
owner = allow(OWNER)
urlpatterns = [
    path("", owner(views.channel_list), name="list"),
    re_path(rf"^connect/(?P<platform>{'|'.join(ADAPTERS)})/$", owner(views.channel_connect), name="connect"),
    path("<int:pk>/edit/", owner(views.channel_edit), name="edit"),
    path("<int:pk>/check/", owner(views.channel_check), name="check"),
    path("<int:pk>/disconnect/", owner(views.channel_disconnect), name="disconnect"),
    path("credentials/<int:pk>/end/", owner(views.credential_end), name="credential-end"),
]
