"""URLs of the channels page: owners only."""

from django.urls import path, re_path

from saifa_crm.access import OWNER, allow

from . import views_channels as views
from . import views_health, views_strays
from .platforms import ADAPTERS

app_name = "channels"
owner = allow(OWNER)
urlpatterns = [
    path("", owner(views.channel_list), name="list"),
    re_path(rf"^connect/(?P<platform>{'|'.join(ADAPTERS)})/$", owner(views.channel_connect), name="connect"),
    path("strays/", owner(views_strays.stray_list), name="strays"),
    path("strays/decide/", owner(views_strays.strays_decide), name="strays-decide"),
    path("strays/<int:pk>/", owner(views_strays.stray_show), name="stray"),
    path("strays/<int:pk>/decide/", owner(views_strays.stray_decide), name="stray-decide"),
    path("<int:pk>/", owner(views_health.channel_detail), name="detail"),
    path("<int:pk>/notices/dismiss/", owner(views_health.notices_dismiss), name="notices-dismiss"),
    path("<int:pk>/edit/", owner(views.channel_edit), name="edit"),
    path("<int:pk>/check/", owner(views.channel_check), name="check"),
    path("<int:pk>/disconnect/", owner(views.channel_disconnect), name="disconnect"),
    path("credentials/<int:pk>/end/", owner(views.credential_end), name="credential-end"),
]
