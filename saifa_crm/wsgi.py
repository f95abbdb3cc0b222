"""WSGI entry point for gunicorn."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from saifa_crm.lib.web_start import web_started

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:  # one clear line, not a traceback
    sys.exit(f"Saifa CRM does not start: {error}")

web_started()
