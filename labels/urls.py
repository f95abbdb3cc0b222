"""URLs of the labels page."""

from django.urls import path

from saifa_crm.access import MARKETER, OWNER, allow

from . import views

app_name = "labels"
managers = allow(MARKETER, OWNER)
urlpatterns = [
    path("", managers(views.label_list), name="list"),
    path("<int:pk>/edit/", managers(views.label_edit), name="edit"),
    path("<int:pk>/archive/", managers(views.label_archive), name="archive"),
]
