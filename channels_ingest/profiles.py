"""Fetching profiles: one call a person, apart from the request; failures never touch the message.

A person's row is the work: it is due, claimed by one worker, and put off or settled by what the platform answers.
What holds for the whole channel (told to wait, out of reach, token refused) is kept by the channel: its people stay
due, nobody's tries are used up, and they are asked for at once when it works again.
"""

from __future__ import annotations

import datetime as dt
import logging
import time

from django.conf import settings

from contacts.models import Identity, ProfileState
from contacts.pictures import NotAPicture, picture_store
from contacts.services import (
    ProfileFacts,
    profile_claim,
    profile_postpone,
    profile_save,
    profile_unavailable,
    profiles_due_now,
)
from saifa_crm.lib.errors import trace
from saifa_crm.lib.fetch import FetchFailed, FetchRefused, Policy, fetch
from saifa_crm.lib.safe_text import storable
from saifa_crm.lib.waits import doubled

from . import pacing
from .clients import client_for
from .counters import channel_error
from .models import ASKABLE, Connection
from .platforms import adapter_for
from .platforms.base import PlatformError, RetryLater, TokenDead, Unavailable
from .platforms.events import Profile
from .services_check import connection_token_died

logger = logging.getLogger(__name__)

# Hosts that the platforms serve profile pictures from (M-UP, L-PROF).
PICTURE_HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com", ".line-scdn.net", "profile.line-scdn.net")
LEASE = dt.timedelta(minutes=2)  # a call and a picture take 35 s at most
NOW = dt.timedelta()
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)
REFUSED_WAIT, LONGEST_REFUSED_WAIT = dt.timedelta(hours=6), dt.timedelta(days=7)
PICTURE_WAIT, PICTURE_TRIES = dt.timedelta(minutes=1), 3


def profile_fetch(*, identity_id: int) -> None:
    """Ask the platform for one person's name and picture and save them, if it is their turn."""
    identity = Identity.objects.select_related("channel__connection").filter(pk=identity_id).first()
    if identity is None or identity.profile_state != ProfileState.PENDING:
        return
    connection: Connection | None = getattr(identity.channel, "connection", None)
    if connection is None or connection.state not in ASKABLE or not connection.token:
        return  # stays due: the sweep finds it once there is a token that may work
    platform = identity.channel.platform
    wait = pacing.turn(identity.channel_id, pacing.PACES.get(platform, pacing.OTHERS))
    if wait is None:
        return
    time.sleep(wait)
    if not profile_claim(identity_id=identity_id, lease=LEASE):
        return
    try:
        profile = adapter_for(platform).profile(client_for(connection), identity.external_id)
    except Unavailable:
        profile_unavailable(identity_id=identity_id)
    except PlatformError as error:
        _not_told(identity, connection, error)
        return
    except Exception as error:  # a fault of ours: not asked again at every lease
        logger.error("profile of identity %s: %s", identity_id, trace(error))
        profile_postpone(identity_id=identity_id, wait=LONGEST_WAIT, counts=True)
        return
    else:
        _save(identity, profile, connection)
    if pacing.worked(identity.channel_id):
        profiles_due_now(channel_id=identity.channel_id)


def _not_told(identity: Identity, connection: Connection, error: PlatformError) -> None:
    """Note what keeps the profile: the whole channel, or this person."""
    channel_error(identity.channel_id, "profile")
    if isinstance(error, TokenDead):
        connection_token_died(asked=connection, error=error)
        profile_postpone(identity_id=identity.pk, wait=NOW, counts=False)
    elif isinstance(error, RetryLater) and (error.limited or error.after):
        pacing.limited(identity.channel_id, error.after)
        profile_postpone(identity_id=identity.pk, wait=NOW, counts=False)
    elif isinstance(error, RetryLater):
        pacing.failed(identity.channel_id)
        wait = doubled(FIRST_WAIT, identity.profile_tries, LONGEST_WAIT)
        profile_postpone(identity_id=identity.pk, wait=wait, counts=True)
    else:  # a permission that is missing, say: it can be given later
        logger.warning("profile of identity %s refused: %s", identity.pk, error.code)
        wait = doubled(REFUSED_WAIT, identity.profile_tries, LONGEST_REFUSED_WAIT)
        profile_postpone(identity_id=identity.pk, wait=wait, counts=True)


def _save(identity: Identity, profile: Profile, connection: Connection) -> None:
    """The name at once; a picture that could not be had is asked for again, with a fresh link, a few times."""
    picture, again_in = identity.picture or "", None
    if profile.picture_url != identity.picture_url or not identity.picture:
        try:
            picture = _picture(identity, profile.picture_url, connection)
        except FetchFailed as error:
            logger.info("picture of identity %s did not come: %s", identity.pk, error)
            if identity.profile_tries < PICTURE_TRIES:
                again_in = doubled(PICTURE_WAIT, identity.profile_tries)
    facts = ProfileFacts(
        name=storable(profile.name),
        username=storable(profile.username),
        language=storable(profile.language),
        picture_url=storable(profile.picture_url),
        picture=picture,
    )
    profile_save(identity_id=identity.pk, facts=facts, again_in=again_in)


def _picture(identity: Identity, url: str, connection: Connection) -> str:
    """File name of the stored picture, empty where the person has none that may be shown. Raises FetchFailed."""
    if not url:
        return ""
    origins = (settings.SANDBOX_BASE_URL,) if connection.is_sandbox else ()
    try:
        return picture_store(identity_id=identity.pk, data=fetch(url, Policy(PICTURE_HOSTS, origins)))
    except (FetchRefused, NotAPicture) as error:
        logger.info("picture of identity %s not taken: %s", identity.pk, error)
        return identity.picture
