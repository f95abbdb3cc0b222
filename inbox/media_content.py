"""What a file is, by its bytes and never by its name; which types are taken over; thumbnails of pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

MEGABYTE = 1024 * 1024
MAX_BYTES = {
    "image": 25 * MEGABYTE,
    "sticker": 5 * MEGABYTE,
    "audio": 25 * MEGABYTE,
    "video": 100 * MEGABYTE,
    "file": 100 * MEGABYTE,
}
THUMBNAIL = 480  # pixels, the longer side: twice what the thread shows
MAX_PIXELS = 50_000_000  # more would take the worker's memory: a small file can unfold to gigabytes
UNKNOWN = "application/octet-stream"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
RASTER = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
# Sound and film that browsers play, or try to; all else is handed out as a download.
PLAYABLE = frozenset(
    {
        "audio/aac", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-flac", "audio/x-wav",
        "video/mp4", "video/webm", "video/quicktime", "video/x-m4v", "video/3gpp",
    }
)  # fmt: skip
# Nobody sends a shop a program for a good reason.
PROGRAMS = frozenset(
    {
        "application/x-msdownload", "application/x-executable", "application/x-shockwave-flash", "application/wasm",
        "application/x-google-chrome-extension", "application/x-deb", "application/x-rpm",
    }
)  # fmt: skip


class NotTaken(Exception):
    """The bytes are not what they were said to be, or of a type that is not taken over; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Content:
    """What a file turned out to be. A picture that may be shown has a thumbnail (WebP) and its size in pixels."""

    content_type: str
    thumbnail: bytes = b""
    width: int | None = None
    height: int | None = None


def examine(file: IO[bytes], *, kind: str) -> Content:
    """Look at a complete file that came as an attachment of `kind`. Raises NotTaken."""
    file.seek(0)
    guess = filetype.guess(file.read(8192))
    mime = str(guess.mime) if guess else UNKNOWN
    family = mime.partition("/")[0]
    if mime in PROGRAMS:
        raise NotTaken("program")
    if family == "image":
        return _picture(file, mime, strict=kind in ("image", "sticker"))
    if kind in ("image", "sticker"):
        raise NotTaken("not_a_picture")
    if kind in ("audio", "video") and family not in ("audio", "video") and mime != UNKNOWN:
        raise NotTaken("not_a_recording")
    return Content(mime)


def _picture(file: IO[bytes], mime: str, *, strict: bool) -> Content:
    """A thumbnail proves that a picture can be shown; without one (HEIC, say) it is a download.

    `strict`: sent as a photo, so one that does not open is refused; sent as a file, it stays a file.
    """
    try:
        return _thumbnail(file)
    except UnidentifiedImageError:
        broken = mime in (*RASTER.values(), "image/apng")
    except NotTaken:
        if strict:
            raise
        return Content(UNKNOWN)
    except Exception:  # decoders of outsiders' bytes raise anything: OSError, struct.error, IndexError, MemoryError…
        broken = True
    if broken and strict:
        raise NotTaken("not_a_picture")
    return Content(UNKNOWN if broken else mime)


def _thumbnail(file: IO[bytes]) -> Content:
    file.seek(0)
    try:
        opened = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise NotTaken("too_many_pixels") from error
    with opened as image:
        if image.width * image.height > MAX_PIXELS:
            raise NotTaken("too_many_pixels")
        content_type = RASTER[str(image.format)]
        width, height = image.size
        if image.getexif().get(0x0112, 1) in (5, 6, 7, 8):  # Orientation: lies on its side
            width, height = height, width
        small = image.convert("RGBA") if image.mode in ("P", "PA") else image  # a palette cannot be averaged
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        upright = ImageOps.exif_transpose(small)
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        out = io.BytesIO()
        upright.convert(mode).save(out, "WEBP", quality=80)
    return Content(content_type, out.getvalue(), width, height)


def extension_of(content_type: str) -> str:
    """ ".jpg" and the like, for a download that has no name; ".bin" where the type is not known."""
    known = filetype.get_type(mime=content_type)
    return f".{known.extension}" if known else ".bin"


def is_inline(content_type: str, *, has_thumbnail: bool) -> bool:
    """Whether a browser may show it in place: pictures that we could open, sound and film; never SVG or HTML."""
    return content_type in PLAYABLE or (has_thumbnail and content_type in RASTER.values())
