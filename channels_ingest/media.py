"""Fetching attachments: apart from the request, tried again while it may help; never holds a message back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from inbox import media_files
from inbox.media import (
    WAITS_FOR_TOKEN,
    Work,
    media_due,
    media_failed,
    media_postpone,
    media_stored,
    media_take,
    media_wake,
)
from inbox.media_content import MAX_BYTES, Content, NotTaken, examine
from inbox.models import MediaFile
from saifa_crm.lib.errors import trace
from saifa_crm.lib.fetch import FetchFailed, FetchRefused, NotWritten, Policy, TooLarge, fetch_into
from saifa_crm.lib.waits import doubled

from .clients import client_for
from .models import ASKABLE, Connection
from .platforms import adapter_for
from .platforms.base import MediaSource, Rejected, RetryLater, TokenDead, Unavailable
from .platforms.events import Attachment
from .services_check import connection_token_died

logger = logging.getLogger(__name__)

FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=6)
MAX_TRIES = 12  # with the waits doubling from FIRST_WAIT: a day and a half
GIVE_UP_AFTER = dt.timedelta(days=14)  # waiting for a token to be renewed; no platform keeps content longer for sure
BYTES_A_SECOND = 400_000  # slower than that is given up for now: a download must end well within the lease
LEAST_SECONDS = 30.0
LATER = frozenset({202, 204, 408, 425, 429})  # 202: LINE is still preparing it (PROTOCOLS 3.7)


def media_claim(*, limit: int) -> list[int]:
    """Ids of files to fetch now, forgotten ones and those whose channel works again included."""
    media_wake(channel_ids=list(Connection.objects.filter(state__in=ASKABLE).values_list("channel_id", flat=True)))
    return media_due(limit=limit)


class _Gone(Exception):
    """The other side has it no longer."""


def media_fetch(*, media_id: int) -> None:
    """Copy one attachment; everything is derived from its row, so that a task may come twice, late or never."""
    work = media_take(media_id=media_id)
    if work is None:
        return
    connection = getattr(work.media.message.conversation.identity.channel, "connection", None)
    attachment = _attachment(work)
    if connection is None or attachment is None:
        media_failed(work=work, state=MediaFile.State.GONE, error="no_attachment" if connection else "no_channel")
        return
    try:
        with media_files.incoming() as file:
            size = _download(_source(connection, attachment), attachment, connection, file)
            content = examine(file, kind=attachment.kind)
            _keep(work, file, size, content)
    except (Unavailable, _Gone):
        media_failed(work=work, state=MediaFile.State.GONE, error="gone")
    except TooLarge:
        media_failed(work=work, state=MediaFile.State.REFUSED, error="too_large")
    except FetchRefused as error:
        logger.info("file %s not taken: %s", media_id, error)
        media_failed(work=work, state=MediaFile.State.REFUSED, error="address")
    except Rejected as error:
        media_failed(work=work, state=MediaFile.State.REFUSED, error=error.code or "rejected")
    except NotTaken as error:
        media_failed(work=work, state=MediaFile.State.REFUSED, error=error.code)
    except TokenDead as error:
        if connection.state in ASKABLE:
            connection_token_died(asked=connection, error=error)
        _wait(work, LONGEST_WAIT, error=WAITS_FOR_TOKEN, counts=False)
    except RetryLater as error:
        _try_later(work, error.after, error.code or "later")
    except FetchFailed as error:
        _try_later(work, error.after, str(error.status or error))
    except (NotWritten, OSError) as error:  # a full disk is put right by people, and nothing is lost by waiting
        logger.error("file %s could not be written: %s", media_id, type(error).__name__)
        _wait(work, FIRST_WAIT * 4, error="disk", counts=False)
    except Exception as error:  # not foreseen: tried again and, should it stay, given up like the rest
        logger.error("file %s could not be fetched: %s", media_id, trace(error))
        _try_later(work, None, "failed")


def _attachment(work: Work) -> Attachment | None:
    """The attachment as the parser saw it; None where the message no longer holds it."""
    stored = work.media.message.attachments
    place = work.media.position
    if not isinstance(stored, list) or place >= len(stored) or not isinstance(stored[place], dict):
        return None
    known = {field.name for field in dataclasses.fields(Attachment)}
    values: dict[str, Any] = {name: value for name, value in stored[place].items() if name in known}
    return Attachment(**values) if values.get("kind") in MAX_BYTES else None


def _source(connection: Connection, attachment: Attachment) -> MediaSource:
    """Where the adapter says it is. A token known to be dead is not shown around; signed links need none."""
    client = client_for(connection)
    if connection.state not in ASKABLE:
        client = dataclasses.replace(client, token="")
    return adapter_for(connection.channel.platform).media(client, attachment)


def _download(source: MediaSource, attachment: Attachment, connection: Connection, file: IO[bytes]) -> int:
    """Stream it into the file; answers its size in bytes."""
    most = MAX_BYTES[attachment.kind]
    if attachment.size is not None and attachment.size > most:
        raise TooLarge("larger than allowed, says the platform")
    policy = Policy(
        hosts=source.hosts,
        origins=(*source.origins, *((settings.SANDBOX_BASE_URL,) if connection.is_sandbox else ())),
        max_bytes=most,
        seconds=max(LEAST_SECONDS, most / BYTES_A_SECOND),
    )
    try:
        fetch_into(source.url, policy, file.write, headers=source.headers)
        file.flush()
    except FetchFailed as error:
        raise _meaning(error, with_token=bool(source.headers)) from error
    size = file.tell()
    if not size:
        raise FetchFailed("empty")
    return size


def _meaning(failed: FetchFailed, *, with_token: bool) -> Exception:
    """What a status says: with a token as the API documents it, of a signed link that it has expired."""
    if not failed.status or failed.status in LATER or failed.status >= 500:
        return failed
    if with_token and failed.status == 401:
        return TokenDead("token refused", code="401")
    if with_token and failed.status == 403:  # a permission, which can be given
        return failed
    return _Gone(f"status {failed.status}") if 400 <= failed.status < 500 else failed


def _keep(work: Work, file: IO[bytes], size: int, content: Content) -> None:
    """Bytes first, row last: a crash in between leaves a file without a row, which the sweep removes."""
    names = []
    try:
        names.append(media_files.keep(file, media_id=work.media.pk))
        if content.thumbnail:
            with media_files.incoming() as small:
                small.write(content.thumbnail)
                names.append(media_files.keep(small, media_id=work.media.pk))
        stored = media_stored(
            work=work,
            file=names[0],
            thumbnail=names[1] if len(names) > 1 else "",
            content_type=content.content_type,
            size=size,
            width=content.width,
            height=content.height,
        )
    except BaseException:  # a worker told to stop as well: no file without a row where it can be helped
        media_files.remove(names)
        raise
    if not stored:  # taken back meanwhile (rule 11), or another worker was faster
        media_files.remove(names)


def _try_later(work: Work, after: float | None, error: str) -> None:
    """Wait as long as was asked, else longer each time; given up after MAX_TRIES."""
    if work.media.tries + 1 >= MAX_TRIES:
        media_failed(work=work, state=MediaFile.State.GONE, error="given_up")
        return
    wait = dt.timedelta(seconds=after) if after else doubled(FIRST_WAIT, work.media.tries)
    _wait(work, min(wait, LONGEST_WAIT), error=error, counts=True)


def _wait(work: Work, wait: dt.timedelta, *, error: str, counts: bool) -> None:
    if timezone.now() - work.media.message.received_at > GIVE_UP_AFTER:
        media_failed(work=work, state=MediaFile.State.GONE, error="given_up")
        return
    media_postpone(work=work, wait=wait, error=error, counts=counts)
