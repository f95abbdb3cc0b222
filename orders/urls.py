"""URLs of the orders app."""

from django.urls import path

from saifa_crm.access import AGENT, MARKETER, OWNER, allow

from . import views

app_name = "orders"
urlpatterns = [
    path("contact/<int:pk>/", allow(AGENT, MARKETER, OWNER)(views.order_list), name="list"),
    path("contact/<int:pk>/add/", allow(AGENT, OWNER)(views.add), name="add"),
    path("<int:pk>/edit/", allow(AGENT, OWNER)(views.edit), name="edit"),
    path("<int:pk>/cancel/", allow(AGENT, OWNER)(views.cancel), name="cancel"),
    path("<int:pk>/refund/", allow(AGENT, OWNER)(views.refund), name="refund"),
]
