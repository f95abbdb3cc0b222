"""The Celery application: tasks take ids, are queued on commit, and may be lost: a sweep finds forgotten work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")

app = Celery("saifa_crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
