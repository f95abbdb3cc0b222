"""Copies of attachments for signed-in staff: shown in place only where that is safe, else as a download."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from saifa_crm.lib.file_names import safe_name
from saifa_crm.lib.ranges import Unsatisfiable, byte_range, pieces

from . import media_content, media_files, selectors
from .models import MediaFile

# Whatever a browser makes of the bytes, it may run, load and embed nothing with them. The page that it puts around a
# picture of its own is styled, which a picture's bytes cannot make use of.
POLICY = "sandbox; default-src 'none'"
PICTURE_POLICY = f"{POLICY}; style-src 'unsafe-inline'"
# Short: what a customer takes back must not stay in the staff's browsers (DESIGN rule 11).
CACHE = "private, max-age=300"


@require_safe
def media(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The original as it was sent. `?download` hands it out as a file even where it could be shown."""
    row = _stored(pk)
    inline = media_content.is_inline(row.content_type, has_thumbnail=bool(row.thumbnail))
    content_type = row.content_type if inline else media_content.UNKNOWN
    response = _ranged(request, media_files.path_of(row.file), content_type, row.file)
    as_attachment = not inline or "download" in request.GET
    disposition = content_disposition_header(as_attachment, _name(row))
    if disposition:
        response["Content-Disposition"] = disposition
    return response


@require_safe
def thumbnail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The small picture, made by us."""
    row = _stored(pk)
    if not row.thumbnail:
        raise Http404
    return _ranged(request, media_files.path_of(row.thumbnail), "image/webp", row.thumbnail)


def _stored(pk: int) -> MediaFile:
    row = selectors.media_stored_get(media_id=pk)
    if row is None:
        raise Http404
    return row


def _ranged(request: HttpRequest, path: Path, content_type: str, name: str) -> HttpResponseBase:
    """The file or the part asked for; 304 where the browser has it, 416 for a part behind its end."""
    etag = f'"{name.rpartition("-")[2]}"'  # the name is random and never used for other bytes
    response: HttpResponseBase
    try:
        if request.headers.get("If-None-Match") == etag:
            path.stat()
            response = HttpResponse(status=304)
        else:
            response = _part(request, path, etag)
    except FileNotFoundError as error:
        raise Http404 from error
    response["Content-Type"] = content_type
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = CACHE
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = PICTURE_POLICY if content_type.startswith("image/") else POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _part(request: HttpRequest, path: Path, etag: str) -> HttpResponseBase:
    size = path.stat().st_size
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    try:
        found = byte_range(wanted, size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = found or (0, size - 1)
    status = 206 if found else 200
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(pieces(path, start, end), status=status)
    response["Content-Length"] = str(end - start + 1)
    if found:
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


def _name(row: MediaFile) -> str:
    """The name it was sent with, else one by its kind; with an ending that fits where it has none."""
    attachments = row.message.attachments
    sent = attachments[row.position] if row.position < len(attachments) else {}
    title = sent.get("title") if isinstance(sent, dict) and sent.get("kind") == "file" else ""
    name = safe_name(title) if isinstance(title, str) else ""
    if "." in name:
        return name
    return (name or f"{row.message.kind}-{row.pk}") + media_content.extension_of(row.content_type)
