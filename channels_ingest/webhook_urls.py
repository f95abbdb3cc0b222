"""URLs that the platforms post to, with and without the final slash."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
