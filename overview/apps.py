"""Overview app: what stands on top of all others."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def create_groups(using: str, **kwargs: Any) -> None:
    """The groups of the contract exist after every migrate."""
    from django.contrib.auth.models import Group

    from saifa_crm.access import Role

    for role in Role:
        Group.objects.using(using).get_or_create(name=role.value)


class OverviewConfig(AppConfig):
    name = "overview"

    def ready(self) -> None:
        from . import signals  # noqa: F401 its receivers

        post_migrate.connect(create_groups, sender=self)
