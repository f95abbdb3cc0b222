"""WSGI entry point for gunicorn."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:  # one clear line, not a traceback
    sys.exit(f"Saifa CRM does not start: {error}")

from channels_ingest.heartbeat import heartbeat

heartbeat.start()
