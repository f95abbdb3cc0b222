"""Channels app: webhooks, adapters, connections; it carries the inbox's replies to the platforms."""

from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from contacts.registry import register_auditor
        from inbox.carriers import register_carrier
        from inbox.media import register_fetcher
        from saifa_crm.lib.web_start import at_web_start

        from .audit import CHECKS
        from .carrier import PlatformCarrier
        from .heartbeat import heartbeat
        from .tasks import media_queue

        register_auditor(*CHECKS)
        register_fetcher(media_queue)
        register_carrier(PlatformCarrier())
        at_web_start(heartbeat.start)
