"""URLs of the shell: sign-in, account, team, set-up, health."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
