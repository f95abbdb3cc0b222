"""How a copy of an attachment is shown: in place, as a download, or in words why it is not there."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from . import media_content, wording
from .media import WAITS_FOR_TOKEN
from .models import MediaFile

# The box a picture is fitted into, in CSS pixels; the attributes keep its place while it loads.
MAX_WIDTH, MAX_HEIGHT = 260, 300


@dataclass(frozen=True, slots=True)
class Copy:
    """`show` is image, audio, video, file, pending or missing; `words` say why there is nothing to open."""

    show: str
    url: str = ""
    thumbnail_url: str = ""
    width: int = 0  # CSS pixels
    height: int = 0
    size: str = ""
    words: str = ""
    keeps_link: bool = False  # the platform's own link may still lead somewhere


def copy_of(row: MediaFile, *, kind: str) -> Copy:
    """The view of one row, the copy of an attachment of `kind`; asks the database nothing."""
    if row.state == MediaFile.State.PENDING:
        waits = (
            gettext("Waits until the channel is reconnected")
            if row.error == WAITS_FOR_TOKEN
            else gettext("Being fetched…")
        )
        return Copy("pending", words=waits, keeps_link=True)
    if row.state != MediaFile.State.STORED:
        return Copy("missing", words=_why(row), keeps_link=row.error == "too_large")
    show = _shown(row, kind)
    width, height = _fitted(row, MAX_WIDTH // 2 if kind == "sticker" else MAX_WIDTH)
    return Copy(
        show,
        url=reverse("inbox:media", args=(row.pk,)),
        thumbnail_url=reverse("inbox:thumbnail", args=(row.pk,)) if show == "image" else "",
        width=width,
        height=height,
        size=wording.size(row.size),
    )


def _shown(row: MediaFile, kind: str) -> str:
    if not media_content.is_inline(row.content_type, has_thumbnail=bool(row.thumbnail)):
        return "file"
    family = row.content_type.partition("/")[0]
    return "audio" if (family, kind) == ("video", "audio") else family  # voice notes come in a film's container


def _fitted(row: MediaFile, most: int) -> tuple[int, int]:
    """Width and height that keep the picture's shape within the box; never larger than the picture."""
    if not row.width or not row.height:
        return 0, 0
    scale = min(most / row.width, MAX_HEIGHT / row.height, 1.0)
    return max(1, round(row.width * scale)), max(1, round(row.height * scale))


def _why(row: MediaFile) -> str:
    """`error` is a key of ours or a platform's own code: what is not worded could not be fetched."""
    return {
        "gone": gettext("The platform no longer has it"),
        "too_large": gettext("Too large to be kept here"),
        "too_many_pixels": gettext("Too large to be kept here"),
        "program": gettext("Not kept: it is a program"),
        "address": gettext("Not kept: it lies outside the platform"),
        "not_a_picture": gettext("Not kept: it is not what it says it is"),
        "not_a_recording": gettext("Not kept: it is not what it says it is"),
    }.get(row.error, gettext("It could not be fetched"))
