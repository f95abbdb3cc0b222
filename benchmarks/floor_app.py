"""The floor of a single post: a bare Django view that checks the HMAC, parses the JSON and makes two inserts.

Own settings without any middleware; run by gunicorn exactly as the product is (benchmarks.servers). The inserts go to
copies of the product's own two tables, columns, defaults and indexes included (benchmarks.posts makes them).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import os

import environ
from django.conf import settings

if not settings.configured:
    database = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    database.update(ENGINE="django.db.backends.postgresql", CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": database},
        USE_TZ=True,
        SECRET_KEY=os.environ["SECRET_KEY"],
    )

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

PERSON = """
INSERT INTO bench_identity AS i (contact_id, channel_id, external_id, scope, first_seen_at, last_seen_at)
VALUES (1, 1, %s, 'bench', %s, %s)
ON CONFLICT (channel_id, external_id) DO UPDATE SET last_seen_at = greatest(i.last_seen_at, excluded.last_seen_at)
RETURNING id
"""
MESSAGE = """
INSERT INTO bench_message (conversation_id, platform_id, direction, kind, text, sent_at, platform_at)
VALUES (%s, %s, 'in', 'text', %s, %s, %s) ON CONFLICT DO NOTHING
"""
SECRET = os.environ.get("BENCH_SECRET", "").encode()


def hook(request: HttpRequest) -> HttpResponse:
    """One Messenger delivery of one text message."""
    signature = "sha256=" + hmac.new(SECRET, request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, request.headers.get("X-Hub-Signature-256", "")):
        return HttpResponse(status=403)
    item = json.loads(request.body)["entry"][0]["messaging"][0]
    at = dt.datetime.fromtimestamp(item["timestamp"] / 1000, dt.UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PERSON, [item["sender"]["id"], at, at])
        (person,) = cursor.fetchone()
        cursor.execute(MESSAGE, [person, item["message"]["mid"], item["message"]["text"], at, at])
    return HttpResponse("ok", content_type="text/plain", headers={"Content-Length": "2"})


urlpatterns = [path("webhooks/facebook/", hook)]
application = get_wsgi_application()
