"""rotate_keys: encrypts all that is encrypted with the first key of FIELD_ENCRYPTION_KEYS (docs/deploy.md)."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from channels_ingest.services_keys import keys_rotate


class Command(BaseCommand):
    help = "Encrypts every stored secret and spooled body with the first key; exits 1 where one cannot be read."

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = False
        for done in keys_rotate():
            self.stdout.write(f"{done.what}: {done.changed} encrypted anew, {done.already} already")
            if done.unreadable:
                unreadable = True
                self.stdout.write(f"{done.what}: no key decrypts {', '.join(done.unreadable)}")
        if unreadable:
            sys.exit(1)
