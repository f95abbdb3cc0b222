"""URLs of the whole product; each app's file says who may open what."""

from django.urls import include, path

urlpatterns = [
    path("", include("overview.urls")),
    path("contacts/", include("contacts.urls")),
    path("labels/", include("labels.urls")),
    path("orders/", include("orders.urls")),
    path("inbox/", include("inbox.urls")),
    path("channels/", include("channels_ingest.urls")),
    path("privacy/", include("channels_ingest.privacy_urls")),
    path("webhooks/", include("channels_ingest.webhook_urls")),
]

handler400 = "overview.views_errors.bad_request"
handler403 = "overview.views_errors.forbidden"
handler404 = "overview.views_errors.not_found"
handler500 = "overview.views_errors.server_error"
