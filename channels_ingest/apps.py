"""Channels app: webhooks, adapters, connections."""

from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from inbox.media import register_fetcher

        from .tasks import media_queue

        register_fetcher(media_queue)
