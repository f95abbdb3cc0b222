"""Channels app: webhooks, adapters, connections."""

from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from contacts.registry import register_auditor
        from inbox.media import register_fetcher

        from .audit import CHECKS
        from .tasks import media_queue

        register_auditor(*CHECKS)
        register_fetcher(media_queue)
