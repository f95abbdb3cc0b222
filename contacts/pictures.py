"""Profile pictures: re-encoded small, kept under MEDIA_ROOT, served to signed-in staff only."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from PIL import Image, ImageOps, UnidentifiedImageError

SIZE = 128  # pixels, twice the largest avatar
MAX_PIXELS = 40_000_000
FOLDER = "pictures"


class NotAPicture(Exception):
    """The bytes are not a raster image that can be shown."""


def picture_store(*, identity_id: int, data: bytes) -> str:
    """Re-encode as a square WebP, write it, and answer its file name. Raises NotAPicture."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAPicture("too many pixels")
            square = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (SIZE, SIZE))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture(type(error).__name__) from error
    out = io.BytesIO()
    square.save(out, "WEBP", quality=82)
    name = f"{identity_id}-{hashlib.sha256(out.getvalue()).hexdigest()[:12]}.webp"
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    part.write_bytes(out.getvalue())
    part.replace(folder / name)
    return name


def picture_remove(name: str) -> None:
    """Delete a picture that nobody shows any more."""
    (Path(settings.MEDIA_ROOT) / FOLDER / name).unlink(missing_ok=True)


def picture(request: HttpRequest, name: str) -> FileResponse:
    """One picture; its name holds a hash of its content, so browsers may keep it."""
    path = Path(settings.MEDIA_ROOT) / FOLDER / name
    try:
        response = FileResponse(path.open("rb"), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
