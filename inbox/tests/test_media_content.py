"""What a file is, told by its bytes: types, thumbnails, bombs and lies."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from inbox.media_content import MAX_PIXELS, Content, NotTaken, examine, extension_of, is_inline

from .media import EXE, HTML, MP3, MP4, PDF, SVG, picture


def looked_at(data: bytes, kind: str = "image") -> Content:
    return examine(io.BytesIO(data), kind=kind)


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it has that many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_get_a_thumbnail(form: str) -> None:
    found = looked_at(picture((1200, 600), form))
    assert (found.content_type, found.width, found.height) == (f"image/{form.lower()}", 1200, 600)
    with Image.open(io.BytesIO(found.thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (480, 240))
    assert is_inline(found.content_type, has_thumbnail=True)


def test_small_pictures_are_not_blown_up_and_stay_transparent() -> None:
    found = looked_at(picture((60, 40), "PNG", mode="RGBA", colour=(0, 0, 0, 0)), "sticker")
    with Image.open(io.BytesIO(found.thumbnail)) as thumbnail:
        assert (thumbnail.size, thumbnail.mode) == ((60, 40), "RGBA")


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = looked_at(picture((800, 400), exif=exif))
    assert (found.width, found.height) == (400, 800)
    with Image.open(io.BytesIO(found.thumbnail)) as thumbnail:
        assert thumbnail.size == (240, 480)
        assert not thumbnail.getexif()


@pytest.mark.parametrize("data", [HTML, SVG, PDF, MP3, b"GIF89a" + HTML, b"\xff\xd8\xff\xe0" + HTML, picture()[:300]])
def test_what_is_no_picture_is_not_taken_as_one(data: bytes) -> None:
    with pytest.raises(NotTaken) as caught:
        looked_at(data)
    assert caught.value.code == "not_a_picture"


@pytest.mark.parametrize("side", [7_500, 65_000])  # over our cap, and over Pillow's own
def test_a_bomb_is_refused_before_it_unfolds(side: int) -> None:
    assert side * side > MAX_PIXELS
    bomb = png_of(side, side)
    assert len(bomb) < 200
    with pytest.raises(NotTaken) as caught:
        looked_at(bomb)
    assert caught.value.code == "too_many_pixels"
    assert looked_at(bomb, "file") == Content("application/octet-stream")  # a document is kept, and never opened


@pytest.mark.parametrize(
    ("data", "kind", "content_type"),
    [
        (MP4, "video", "video/mp4"),
        (MP4, "audio", "video/mp4"),  # Meta's voice notes come in a film's container
        (MP3, "audio", "audio/mpeg"),
        (PDF, "file", "application/pdf"),
        (HTML, "file", "application/octet-stream"),
        (SVG, "file", "application/octet-stream"),
        (b"\x01\x02\x03", "audio", "application/octet-stream"),
        (b"GIF89a" + HTML, "file", "application/octet-stream"),
    ],
)
def test_types(data: bytes, kind: str, content_type: str) -> None:
    assert looked_at(data, kind) == Content(content_type)


@pytest.mark.parametrize(
    ("data", "kind", "code"), [(PDF, "audio", "not_a_recording"), (EXE, "file", "program"), (EXE, "video", "program")]
)
def test_types_that_are_not_taken(data: bytes, kind: str, code: str) -> None:
    with pytest.raises(NotTaken) as caught:
        looked_at(data, kind)
    assert caught.value.code == code


def test_only_what_is_safe_is_shown_in_place() -> None:
    kinds = ("image/svg+xml", "text/html", "application/pdf", "image/heic", "video/mp4", "audio/ogg", "image/jpeg")
    shown = [kind for kind in kinds if is_inline(kind, has_thumbnail=kind == "image/jpeg")]
    assert shown == ["video/mp4", "audio/ogg", "image/jpeg"]
    assert not is_inline("image/jpeg", has_thumbnail=False)


def test_extensions() -> None:
    assert [extension_of(kind) for kind in ("image/jpeg", "application/pdf", "x/y")] == [".jpg", ".pdf", ".bin"]
