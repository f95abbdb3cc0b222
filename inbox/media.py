"""Copies of attachments: which are made, who works on one now, how they end, and how they are forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from . import live, media_files
from .models import MediaFile

# A new row waits this long for its task; after that the sweep takes it for forgotten.
CLAIM = dt.timedelta(minutes=2)
# A worker has a row for this long: CLAIM and the longest download (media_fetch) together are shorter.
LEASE = dt.timedelta(minutes=10)
MAX_ATTACHMENTS = 100  # of one message; no platform sends more than some thirty
WAITS_FOR_TOKEN = "token"  # noqa: S105 - the `error` of a file that waits, no secret
ORPHAN_AFTER = 3600.0  # seconds: a file is written a little before its row says so

# Which attachments are copied, decided here and nowhere else. Meta gives signed links that expire; the others
# keep the content under an id, which LINE's stickers and `external` pictures do not have. A story may not be
# archived, and a link or a place is nothing to copy (PROTOCOLS 1.9, 2.4, 3.7). Messages are found by unique index.
EXPECT = """
    INSERT INTO inbox_mediafile (message_id, position, next_at)
    SELECT m.id, a.position - 1, %(next_at)s
    FROM unnest(%(identities)s::integer[], %(platform_ids)s::text[]) AS v(identity_id, platform_id)
    JOIN inbox_conversation c ON c.identity_id = v.identity_id
    JOIN inbox_message m ON m.conversation_id = c.id AND m.platform_id = v.platform_id
    JOIN contacts_identity i ON i.id = v.identity_id
    JOIN contacts_channel ch ON ch.id = i.channel_id,
    LATERAL jsonb_array_elements(m.attachments) WITH ORDINALITY AS a(item, position)
    WHERE m.unsent_at IS NULL AND m.kind NOT IN ('story_mention', 'story_reply')
      AND a.position <= %(most)s AND a.item ->> 'kind' IN ('image', 'video', 'audio', 'file', 'sticker')
      AND CASE WHEN ch.platform IN ('facebook', 'instagram') THEN coalesce(a.item ->> 'url', '') <> ''
               WHEN ch.platform = 'line' AND a.item ->> 'kind' = 'sticker' THEN false
               ELSE coalesce(a.item ->> 'platform_ref', '') <> '' END
    ON CONFLICT (message_id, position) DO NOTHING RETURNING id
"""

Fetcher = Callable[[Sequence[int]], None]
_fetchers: list[Fetcher] = []


def register_fetcher(fetcher: Fetcher) -> None:
    """Who is told, after the commit, the ids of files to fetch. It may lose them: the sweep finds them again."""
    if fetcher not in _fetchers:
        _fetchers.append(fetcher)


def media_expect(*, messages: Collection[tuple[int, str]]) -> list[int]:
    """A row for every attachment that is to be copied, and its fetch on commit. One statement, however many.

    `messages`: (identity id, platform id) of messages just stored; must run inside the transaction that stored
    them. Answers the ids of new rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            EXPECT,
            {
                "identities": [identity_id for identity_id, _ in messages],
                "platform_ids": [platform_id for _, platform_id in messages],
                "next_at": timezone.now() + CLAIM,
                "most": MAX_ATTACHMENTS,
            },
        )
        made = [row[0] for row in cursor.fetchall()]
    if made:
        for fetcher in _fetchers:
            transaction.on_commit(lambda fetcher=fetcher: fetcher(made), robust=True)  # type: ignore[misc]
    return made


def media_forget(*, message_ids: Collection[int]) -> None:
    """Rule 11: the rows go now, the files with the commit. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM inbox_mediafile WHERE message_id = ANY(%s) RETURNING file, thumbnail",
            [sorted(message_ids)],
        )
        names = [name for row in cursor.fetchall() for name in row if name]
    if names:
        # A crash in between, or a disk that is away, leaves files that no row knows: media_orphans_remove.
        transaction.on_commit(lambda: media_files.remove(names), robust=True)


def media_due(*, limit: int) -> list[int]:
    """Ids of files whose fetch is due, put off by CLAIM so that a sweep does not queue the same ones every minute."""
    now = timezone.now()
    due = list(
        MediaFile.objects.filter(state=MediaFile.State.PENDING, next_at__lte=now)
        .order_by("next_at")
        .values_list("pk", flat=True)[:limit]
    )
    MediaFile.objects.filter(pk__in=due, state=MediaFile.State.PENDING, next_at__lte=now).update(next_at=now + CLAIM)
    return due


def media_wake(*, channel_ids: Collection[int]) -> None:
    """What waited for a token of these channels is due at once: LINE does not keep its content for long.

    Once: it waits for its turn from here on, so that the next sweep does not queue it again.
    """
    waiting = MediaFile.objects.filter(state=MediaFile.State.PENDING, error=WAITS_FOR_TOKEN)
    waiting.filter(message__conversation__identity__channel__in=channel_ids).update(next_at=timezone.now(), error="")


@dataclass(frozen=True, slots=True)
class Work:
    """A file that this worker, and no other, fetches until `until`; what it writes counts only while it holds."""

    media: MediaFile
    until: dt.datetime


def media_take(*, media_id: int) -> Work | None:
    """Take a pending file to work on; None where it is done, gone, put off, or another worker has it.

    A row at most CLAIM ahead only waits for its task; one further ahead is leased, or waits after a failure.
    """
    now = timezone.now()
    until = now + LEASE
    free = MediaFile.objects.filter(pk=media_id, state=MediaFile.State.PENDING, next_at__lte=now + CLAIM)
    if not free.update(next_at=until, error=""):
        return None
    media = (
        MediaFile.objects.select_related("message__conversation__identity__channel__connection")
        .filter(pk=media_id)
        .first()
    )
    return Work(media, until) if media else None


def media_stored(
    *, work: Work, file: str, thumbnail: str, content_type: str, size: int, width: int | None, height: int | None
) -> bool:
    """The copy is on disk under these names. False where the row went meanwhile (unsent): delete the files."""
    return _end(
        work,
        state=MediaFile.State.STORED,
        file=file,
        thumbnail=thumbnail,
        content_type=content_type,
        size=size,
        width=width,
        height=height,
        error="",
    )


def media_failed(*, work: Work, state: MediaFile.State, error: str) -> None:
    """There will be no copy: GONE, or REFUSED; `error` is a key that presenter words."""
    _end(work, state=state, error=error[:64])


def media_postpone(*, work: Work, wait: dt.timedelta, error: str, counts: bool) -> None:
    """Try again after `wait`; `counts` adds to the tries that are given up at some time."""
    MediaFile.objects.filter(pk=work.media.pk, state=MediaFile.State.PENDING, next_at=work.until).update(
        next_at=timezone.now() + wait, tries=min(work.media.tries + int(counts), 100), error=error[:64]
    )


def _end(work: Work, **values: object) -> bool:
    """Write the end of a pending file that is still ours; open pages look again."""
    with transaction.atomic():
        ours = MediaFile.objects.filter(pk=work.media.pk, state=MediaFile.State.PENDING, next_at=work.until)
        ended = bool(ours.update(**values))
        if ended:
            transaction.on_commit(live.bump, robust=True)
    return ended


def media_orphans_remove() -> int:
    """Delete files that no row knows, as a crash or a deleted contact leaves them. Answers how many."""
    media_files.incoming_clear(seconds=ORPHAN_AFTER)
    removed = 0
    for shard in range(media_files.SHARDS):
        found = media_files.old_files(shard, seconds=ORPHAN_AFTER)
        if not found:
            continue
        rows = MediaFile.objects.filter(pk__in=set(found.values())).values_list("file", "thumbnail")
        orphans = set(found).difference(*rows)
        media_files.remove(orphans)
        removed += len(orphans)
    return removed
