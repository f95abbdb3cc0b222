"""The order in which the inbox locks rows: the contact first, as ingest does, then the conversation."""

from __future__ import annotations

from contacts.models import Contact

from .models import Conversation


def conversation_locked(conversation_id: int) -> Conversation:
    """The row, locked behind its contact as ingest locks it, so that counts and marks cannot pass each other.

    With its identity and channel. Conversation.DoesNotExist where it is gone.
    """
    owner = Contact.objects.filter(identities__conversation=conversation_id).values("pk")[:1]
    list(Contact.objects.select_for_update(no_key=True).filter(pk__in=owner).values_list("pk"))
    locked = Conversation.objects.select_for_update(of=("self",)).select_related("identity__channel")
    return locked.get(pk=conversation_id)
