"""Contacts app: the core that the others register with."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from .audit import CHECKS
        from .bulk_actions import OWN_ACTIONS, register_bulk_action
        from .columns import OWN_COLUMNS, register_list_column
        from .registry import register_auditor

        register_auditor(*CHECKS)
        register_list_column(*OWN_COLUMNS)
        register_bulk_action(*OWN_ACTIONS)
