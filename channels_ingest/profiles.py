"""Fetching profiles: one call a person, apart from the request; failures never touch the message."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.utils import timezone

from contacts.models import Identity, ProfileState
from contacts.pictures import NotAPicture, picture_store
from contacts.services import (
    ProfileFacts,
    profile_postpone,
    profile_save,
    profile_unavailable,
)
from saifa_crm.lib.fetch import FetchFailed, FetchRefused, Policy, fetch
from saifa_crm.lib.safe_text import storable

from .clients import client_for
from .models import Connection, ConnectionState
from .platforms import adapter_for
from .platforms.base import Profile, Rejected, RetryLater, TokenDead, Unavailable
from .services_connect import connection_token_died

logger = logging.getLogger(__name__)

# Hosts that the platforms serve profile pictures from (M-UP, L-PROF).
PICTURE_HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com", ".line-scdn.net", "profile.line-scdn.net")
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=6)


def profile_fetch(*, identity_id: int) -> None:
    """Ask the platform for one person's name and picture and save them; derived from the row's state."""
    identity = Identity.objects.select_related("channel__connection").filter(pk=identity_id).first()
    if identity is None or identity.profile_state != ProfileState.PENDING:
        return
    connection = getattr(identity.channel, "connection", None)
    if connection is None or connection.state in (ConnectionState.DISCONNECTED, ConnectionState.RECONNECT):
        _wait(identity, LONGEST_WAIT, counts=False)
        return
    try:
        profile = adapter_for(identity.channel.platform).profile(client_for(connection), identity.external_id)
    except Unavailable:
        profile_unavailable(identity_id=identity_id)
    except RetryLater as error:
        wait = dt.timedelta(seconds=error.after) if error.after else FIRST_WAIT * 2 ** min(identity.profile_tries, 10)
        _wait(identity, min(wait, LONGEST_WAIT), counts=True)
    except Rejected as error:  # a permission that is missing, say: it can be given later
        logger.warning("profile of identity %s refused: %s", identity.pk, error.code)
        _wait(identity, LONGEST_WAIT, counts=True)
    except TokenDead as error:
        connection_token_died(asked=connection, error=error)
        _wait(identity, LONGEST_WAIT, counts=False)
    else:
        profile_save(identity_id=identity_id, facts=_facts(identity, profile, connection))


def _wait(identity: Identity, wait: dt.timedelta, *, counts: bool) -> None:
    profile_postpone(identity_id=identity.pk, until=timezone.now() + wait, counts=counts)


def _facts(identity: Identity, profile: Profile, connection: Connection) -> ProfileFacts:
    return ProfileFacts(
        name=storable(profile.name),
        username=storable(profile.username),
        language=storable(profile.language),
        picture_url=storable(profile.picture_url),
        picture=_picture(identity, profile.picture_url, connection),
    )


def _picture(identity: Identity, url: str, connection: Connection) -> str:
    """Name of the stored picture; empty where there is none. A picture that fails never costs the name."""
    if not url:
        return ""
    origins = (settings.SANDBOX_BASE_URL,) if connection.is_sandbox else ()
    try:
        return picture_store(identity_id=identity.pk, data=fetch(url, Policy(PICTURE_HOSTS, origins)))
    except (FetchRefused, FetchFailed, NotAPicture) as error:
        logger.info("picture of identity %s not taken: %s", identity.pk, error)
        return identity.picture
