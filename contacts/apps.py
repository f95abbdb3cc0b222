"""Contacts app: the core that the others register with."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from .audit import CHECKS
        from .registry import register_auditor

        register_auditor(*CHECKS)
