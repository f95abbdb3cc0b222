"""Pictures, recordings and stored copies for tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from inbox import media_files
from inbox.media_content import examine
from inbox.models import MediaFile, Message

MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 4000
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 1000
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
EXE = b"MZ\x90\x00" + b"\x00" * 200


def picture(size: tuple[int, int] = (800, 600), form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new(mode, size, options.pop("colour", "teal")).save(out, form, **options)
    return out.getvalue()


def stored(message: Message, data: bytes, *, position: int = 0, kind: str = "") -> MediaFile:
    """A finished copy, as the fetch leaves it: its row and its files."""
    row = MediaFile.objects.create(message=message, position=position)
    with media_files.incoming() as file:
        file.write(data)
        found = examine(file, kind=kind or message.kind)
        row.file = media_files.keep(file, media_id=row.pk)
    if found.thumbnail:
        with media_files.incoming() as file:
            file.write(found.thumbnail)
            row.thumbnail = media_files.keep(file, media_id=row.pk)
    row.state, row.content_type, row.size = MediaFile.State.STORED, found.content_type, len(data)
    row.width, row.height = found.width, found.height
    row.save()
    return row


def files() -> list[str]:
    """Names of everything that lies in the folder of copies, half-written files included."""
    return sorted(
        str(path.relative_to(media_files.folder())) for path in media_files.folder().rglob("*") if path.is_file()
    )
