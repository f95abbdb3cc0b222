"""URLs of the inbox app: everybody with a role reads, agents and owners write."""

from django.urls import path

from saifa_crm.access import AGENT, MARKETER, OWNER, allow

from . import views, views_media, views_replies, views_search

app_name = "inbox"
reads = allow(AGENT, MARKETER, OWNER)
writes = allow(AGENT, OWNER)
urlpatterns = [
    path("", reads(views.inbox_list), name="list"),
    path("search/", reads(views_search.message_search), name="search"),
    path("changes/", reads(views.changes), name="changes"),
    path("media/<int:pk>/", reads(views_media.media), name="media"),
    path("media/<int:pk>/thumb/", reads(views_media.thumbnail), name="thumbnail"),
    path("contact/<int:pk>/", reads(views.history), name="history"),
    path("<int:pk>/", reads(views.conversation), name="conversation"),
    path("<int:pk>/read/", writes(views.mark_read), name="read"),
    path("<int:pk>/unread/", writes(views.mark_unread), name="unread"),
    path("<int:pk>/status/", writes(views.set_status), name="status"),
    path("<int:pk>/reply/", writes(views_replies.reply), name="reply"),
    path("<int:pk>/messages/<int:message_pk>/retry/", writes(views_replies.retry), name="retry"),
    path("<int:pk>/spam/", writes(views.set_spam), name="spam"),
]
