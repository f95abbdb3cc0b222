"""Channels app: webhooks, adapters, connections."""

from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"
