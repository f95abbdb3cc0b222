"""Channels app: webhooks, adapters, connections; it carries the inbox's replies to the platforms."""

from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from inbox.carriers import register_carrier

        from .carrier import PlatformCarrier

        register_carrier(PlatformCarrier())
