"""Generated content of messages: photos of goods, parcels and slips, a voice note, a PDF; nobody's face."""

from __future__ import annotations

import hashlib
import io
import math
import struct
import wave
from functools import lru_cache

from PIL import Image, ImageDraw

from .pictures import PALETTES

VARIANTS = 12  # of each scene: drawn once, however many messages show them
SCALE = 2  # drawn larger and reduced, for smooth edges
RATE = 8000  # samples a second of the voice note


def content(name: str) -> tuple[bytes, str]:
    """Bytes and content type by what the name holds: `voice`, `file`, else a photo (`slip`, `parcel`, or goods)."""
    seed = hashlib.sha256(name.encode("utf-8", "replace")).digest()[0]
    if "voice" in name:
        return _voice(seed % VARIANTS), "audio/wav"
    if "file" in name:
        return _pdf(), "application/pdf"
    scene = next((word for word in ("slip", "parcel") if word in name), "goods")
    return _photo(scene, seed % VARIANTS), "image/jpeg"


@lru_cache(maxsize=3 * VARIANTS)
def _photo(scene: str, variant: int) -> bytes:
    """A JPEG; slips stand upright, goods and parcels lie."""
    width, height = (540, 810) if scene == "slip" else (800, 600)
    light, middle, dark = PALETTES[variant % len(PALETTES)]
    image = Image.new("RGB", (width * SCALE, height * SCALE), light)
    draw = {"slip": _slip, "parcel": _parcel, "goods": _goods}[scene]
    draw(ImageDraw.Draw(image), width * SCALE, height * SCALE, variant, middle, dark)
    out = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=85)
    return out.getvalue()


def _goods(draw: ImageDraw.ImageDraw, width: int, height: int, variant: int, middle: str, dark: str) -> None:
    """Bottles on a shelf."""
    table = height * 3 // 4
    draw.rectangle((0, table, width, height), fill=middle)
    count = 1 + variant % 3
    for number in range(count):
        centre, half = width * (number + 1) // (count + 1), width // 14
        top = table - height * (40 + (variant * 7 + number * 11) % 20) // 100
        draw.rounded_rectangle((centre - half, top, centre + half, table + height // 20), half // 2, fill=dark)
        draw.rectangle((centre - half // 2, top - height // 12, centre + half // 2, top + 4), fill=dark)
        label = (centre - half * 3 // 4, top + height // 9, centre + half * 3 // 4, top + height // 4)
        draw.rectangle(label, fill="white")


def _parcel(draw: ImageDraw.ImageDraw, width: int, height: int, variant: int, middle: str, dark: str) -> None:
    """A box with tape and a label."""
    left, right, top, bottom = width // 5, width * 4 // 5, height * 3 // 10, height * 17 // 20
    over, up = width // 12, height // 9  # how far the box goes back
    draw.rectangle((0, height * 4 // 5, width, height), fill=middle)
    draw.polygon([(left, top), (left + over, top - up), (right + over, top - up), (right, top)], fill="#cf9f6d")
    side = [(right, top), (right + over, top - up), (right + over, bottom - up), (right, bottom)]
    draw.polygon(side, fill="#a87a4b")
    draw.rectangle((left, top, right, bottom), fill="#bd8d5b")
    tape = left + (right - left) * (4 + variant % 3) // 10
    draw.rectangle((tape, top, tape + width // 18, bottom), fill="#e3cfa8")
    draw.rectangle((left + width // 40, bottom - height // 4, left + width // 6, bottom - height // 12), fill="white")
    draw.rectangle((left + width // 25, bottom - height // 5, left + width // 7, bottom - height // 6), fill=dark)


def _slip(draw: ImageDraw.ImageDraw, width: int, height: int, variant: int, middle: str, dark: str) -> None:
    """Something like a transfer slip, with bars for words: it can be mistaken for nobody's."""
    margin = width // 10
    draw.rounded_rectangle((margin, margin, width - margin, height - margin), margin // 3, fill="white")
    draw.rounded_rectangle((margin, margin, width - margin, height // 4), margin // 3, fill=dark)
    draw.ellipse((width // 2 - margin, height // 9, width // 2 + margin, height // 9 + 2 * margin), fill=middle)
    for row in range(5):
        y = height * (32 + row * 8) // 100
        word, amount = width * (20 + (variant + row) % 9) // 100, width * (18 + variant * row % 12) // 100
        draw.rectangle((margin * 2, y, margin * 2 + word, y + 20), fill="#c9d1d5")
        draw.rectangle((width - margin * 2 - amount, y, width - margin * 2, y + 20), fill=dark)
    for cell in range(36):
        x, y = width - margin * 4 + cell % 6 * 26, height - margin * 4 + cell // 6 * 26
        if (cell * 7 + variant * 5 + cell // 6) % 3:
            draw.rectangle((x, y, x + 24, y + 24), fill=dark)


@lru_cache(maxsize=VARIANTS)
def _voice(variant: int) -> bytes:
    """A few soft notes as WAV, two to five seconds."""
    samples = bytearray()
    for number in range(RATE * (2 + variant % 4)):
        note = (262, 330, 392, 440, 523)[(number // (RATE // 3) + variant) % 5]
        loud = 1 - number % (RATE // 3) / (RATE // 3)
        samples += struct.pack("<h", int(9000 * loud * math.sin(2 * math.pi * note * number / RATE)))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(samples))
    return out.getvalue()


def _pdf() -> bytes:
    """One empty page."""
    parts = [
        b"%PDF-1.4\n",
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n",
        b"trailer<</Size 4/Root 1 0 R>>\n%%EOF\n",
    ]
    return b"".join(parts)
