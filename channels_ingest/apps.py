"""Channels app: webhooks, adapters, connections."""

from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from contacts.registry import register_auditor

        from .audit import CHECKS

        register_auditor(*CHECKS)
