"""URLs of the channels page."""

from django.urls import URLPattern

app_name = "channels"
urlpatterns: list[URLPattern] = []
