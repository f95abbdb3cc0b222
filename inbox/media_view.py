"""How a copy of an attachment is shown: in place, as a download, or in words why it is not there."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from . import media_content, wording
from .models import MediaFile

# The box a picture is fitted into, in CSS pixels; the attributes keep its place while it loads.
MAX_WIDTH, MAX_HEIGHT = 260, 300
SHARPNESS = 1.0  # CSS pixels a pixel at most: a small picture is not blown up


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


def copy_of(row: MediaFile, *, sticker: bool = False) -> Copy:
    """The view of one row; asks the database nothing."""
    if row.state == MediaFile.State.PENDING:
        return Copy("pending", words=gettext("Being fetched…"), keeps_link=True)
    if row.state != MediaFile.State.STORED:
        return Copy("missing", words=_why(row), keeps_link=row.error == "too_large")
    show = _shown(row)
    width, height = _fitted(row, MAX_WIDTH // 2 if sticker else MAX_WIDTH)
    return Copy(
        show,
        url=reverse("inbox:media", args=(row.pk,)),
        thumbnail_url=reverse("inbox:thumbnail", args=(row.pk,)) if show == "image" else "",
        width=width,
        height=height,
        size=wording.size(row.size),
    )


def _shown(row: MediaFile) -> str:
    if not media_content.is_inline(row.content_type, has_thumbnail=bool(row.thumbnail)):
        return "file"
    return row.content_type.partition("/")[0]


def _fitted(row: MediaFile, most: int) -> tuple[int, int]:
    """Width and height that keep the picture's shape within the box; never larger than the picture."""
    if not row.width or not row.height:
        return 0, 0
    scale = min(most / row.width, MAX_HEIGHT / row.height, SHARPNESS)
    return max(1, round(row.width * scale)), max(1, round(row.height * scale))


def _why(row: MediaFile) -> str:
    if row.state == MediaFile.State.GONE:
        return gettext("No longer there: the platform has deleted it")
    return {
        "too_large": gettext("Too large to be kept here"),
        "too_many_pixels": gettext("Too large to be kept here"),
        "program": gettext("Not kept: it is a program"),
    }.get(row.error, gettext("Not kept: it is not what it says it is"))
