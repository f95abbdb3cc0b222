"""Meta's privacy callbacks: a request is noted once and answered with a code to ask about it by.

Their `user_id` belongs to somebody who signed in to the Meta *app*, to connect a page, say. It is no page-scoped id:
it finds no customer, and this product keeps nothing under it (PROTOCOLS 7). A deletion is therefore done at once; a
deauthorisation may have killed tokens, which are checked.
"""

from __future__ import annotations

import secrets
from functools import partial

from django.db import transaction
from django.utils import timezone

from saifa_crm.lib.queues import enqueue

from .alerts import alerts
from .models import OF_META, Connection, ConnectionState, DeletionRequest, Notice
from .tasks import token_check

META = "meta"


@transaction.atomic
def deletion_request_note(*, user_id: str, issued_at: str = "") -> DeletionRequest:
    """The request of this person, new or as it stands."""
    return _noted(DeletionRequest.Kind.DELETION, user_id)


@transaction.atomic
def deauthorisation_note(*, user_id: str, issued_at: str = "") -> DeletionRequest:
    """Note it, tell the owners on every Meta channel, and check the tokens: those of this person are dead now.

    `issued_at`: Meta's time of it; the same one called again is told once, a later one anew.
    """
    request = _noted(DeletionRequest.Kind.DEAUTHORISE, user_id)
    connections = Connection.objects.filter(channel__platform__in=OF_META).exclude(state=ConnectionState.DISCONNECTED)
    found = list(connections.order_by("pk").values_list("pk", "channel_id"))
    Notice.objects.bulk_create(
        [
            Notice(
                channel_id=channel_id,
                platform_id=f"deauthorised:{request.pk}:{issued_at or f'{request.requested_at:%Y%m%d}'}",
                kind="deauthorised",
                serious=True,
                at=request.requested_at,
            )
            for _, channel_id in found
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(alerts.forget, robust=True)
    for pk, _ in found:
        transaction.on_commit(partial(enqueue, token_check, pk), robust=True)
    return request


def _noted(kind: str, user_id: str) -> DeletionRequest:
    now = timezone.now()
    request, _ = DeletionRequest.objects.update_or_create(
        kind=kind,
        platform=META,
        user_id=user_id,
        defaults={"requested_at": now, "done_at": now},
        create_defaults={"requested_at": now, "done_at": now, "code": secrets.token_urlsafe(24)},
    )
    return request
