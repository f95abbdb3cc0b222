"""Where people see how their request to Meta stands."""

from django.urls import path

from saifa_crm.access import public

from . import views_privacy

urlpatterns = [path("<str:code>/", public(views_privacy.status), name="privacy-status")]
