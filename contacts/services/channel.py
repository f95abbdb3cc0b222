"""Whose ids a channel's people have may change: an account turns out to belong to a LINE provider."""

from __future__ import annotations

from django.db import transaction

from contacts.models import Channel, Contact, Identity


@transaction.atomic
def channel_rescope(*, channel: Channel, scope: str) -> None:
    """Move the channel and its people to another id space; contacts that are there already are never joined by it.

    The channel's lock waits for deliveries that are adding people (people_upsert); the contacts are locked in id
    order, as deliveries do.
    """
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    people = Identity.objects.filter(channel=channel).exclude(scope=scope)
    contacts = Contact.objects.select_for_update(no_key=True).filter(pk__in=people.values("contact_id"))
    list(contacts.order_by("pk").values_list("pk"))
    people.update(scope=scope)
    Channel.objects.filter(pk=channel.pk).update(scope=scope)
    channel.scope = scope
