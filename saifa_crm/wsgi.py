"""WSGI entry point for gunicorn."""

import gc
import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from saifa_crm.lib.web_start import web_started

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:  # one clear line, not a traceback
    sys.exit(f"Saifa CRM does not start: {error}")

web_started()

# What is loaded by now stays: garbage collection need not look at it again, for 100 ms in the midst of a request.
import_module(settings.ROOT_URLCONF)  # every view and what it needs
gc.collect()
gc.freeze()
