"""URLs that the platforms post to, with and without the final slash (a redirect would lose the body)."""

from django.urls import re_path

from saifa_crm.access import public

from . import views_privacy, webhooks

urlpatterns = [
    re_path(r"^facebook/?$", public(webhooks.facebook), name="webhook-facebook"),
    re_path(r"^instagram/?$", public(webhooks.instagram), name="webhook-instagram"),
    re_path(r"^whatsapp/?$", public(webhooks.whatsapp), name="webhook-whatsapp"),
    re_path(r"^line/(?P<key>[^/]+)/?$", public(webhooks.line), name="webhook-line"),
    re_path(r"^telegram/(?P<key>[^/]+)/?$", public(webhooks.telegram), name="webhook-telegram"),
    re_path(r"^meta/deauthorise/?$", public(views_privacy.deauthorise), name="meta-deauthorise"),
    re_path(r"^meta/data-deletion/?$", public(views_privacy.data_deletion), name="meta-data-deletion"),
]
