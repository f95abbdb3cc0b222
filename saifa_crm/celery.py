"""The Celery application: tasks take ids, are queued on commit, and may be lost: a sweep finds forgotten work."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")

app = Celery("saifa_crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def leave_logging_alone(**_signal: Any) -> None:
    """Celery would put its own format in place of the settings', which masks secrets."""
