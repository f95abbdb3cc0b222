#!/usr/bin/env python
"""Django's command line; without DATABASE_URL or REDIS_URL it uses the embedded servers of DATA_DIR."""

import os
import sys

from saifa_crm.stack.errors import StackError
from saifa_crm.stack.services import ensure_services

NEED_NO_SERVER = {"help", "version", "collectstatic", "makemessages", "compilemessages"}


def main() -> None:
    """Run a command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        ensure_services(start=command not in NEED_NO_SERVER and not command.startswith("-"))
        execute_from_command_line(sys.argv)
    except (StackError, ImproperlyConfigured) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
