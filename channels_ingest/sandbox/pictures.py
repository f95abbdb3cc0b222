"""Generated profile pictures: plain geometric motifs in pleasant colours, nobody's face."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache

from PIL import Image, ImageDraw

SIZE = 128
SCALE = 3  # drawn larger and reduced, for smooth edges
PALETTES = (
    ("#f4d9c6", "#d9694f", "#7a2e39"),
    ("#d5e8e0", "#4f9d8b", "#1f4e52"),
    ("#dfe3f5", "#7484c9", "#343f7d"),
    ("#f7e6b8", "#e0a032", "#8a5416"),
    ("#f3d8e3", "#c8648f", "#6b2450"),
    ("#dcecd0", "#82ab58", "#3d5f2c"),
    ("#d7e9f2", "#4b9ac4", "#1d4d73"),
    ("#eadff0", "#9a72b8", "#4c2f6b"),
)


@lru_cache(maxsize=1024)
def picture(platform: str, external_id: str) -> bytes:
    """A PNG of 128 by 128 pixels, always the same for the same person."""
    seed = hashlib.sha256(f"{platform}/{external_id}".encode("utf-8", "replace")).digest()
    light, middle, dark = PALETTES[seed[0] % len(PALETTES)]
    image = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), light)
    motif = (_rings, _tiles, _hills, _petals, _stripes)[seed[1] % 5]
    motif(ImageDraw.Draw(image), SIZE * SCALE, seed, middle, dark)
    out = io.BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _rings(draw: ImageDraw.ImageDraw, size: int, seed: bytes, middle: str, dark: str) -> None:
    x, y = size * seed[2] // 255, size * seed[3] // 255
    for step in range(6, 0, -1):
        radius = size * step // 6
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, outline=dark if step % 2 else middle, width=size // 22)


def _tiles(draw: ImageDraw.ImageDraw, size: int, seed: bytes, middle: str, dark: str) -> None:
    side = size // 4
    for index in range(16):
        x, y = index % 4 * side, index // 4 * side
        colour = middle if seed[index + 2] & 1 else dark
        if seed[index + 2] % 3 == 0:
            draw.rectangle((x, y, x + side - 1, y + side - 1), fill=colour)
        elif seed[index + 2] % 3 == 1:
            draw.pieslice((x - side, y - side, x + side, y + side), 0, 90, fill=colour)


def _hills(draw: ImageDraw.ImageDraw, size: int, seed: bytes, middle: str, dark: str) -> None:
    sun = size // 12 + seed[2] * size // 4000  # small: a large one looks like a head
    x = size * (30 + seed[3] % 160) // 220
    draw.ellipse((x - sun, size // 4 - sun, x + sun, size // 4 + sun), fill=middle)
    for layer, colour in enumerate((middle, dark)):
        top = size * (5 + layer * 2 + seed[4 + layer] % 2) // 10
        shift = size * seed[6 + layer] // 400
        draw.ellipse((-size // 2 + shift, top, size * 3 // 2 + shift, top + size * 2), fill=colour)


def _petals(draw: ImageDraw.ImageDraw, size: int, seed: bytes, middle: str, dark: str) -> None:
    centre, half = size // 2, size // 4
    for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0)):
        x, y = centre + dx * half * 4 // 5, centre + dy * half * 4 // 5
        draw.ellipse((x - half, y - half, x + half, y + half), fill=middle)
    core = half * (3 + seed[2] % 4) // 8
    draw.ellipse((centre - core, centre - core, centre + core, centre + core), fill=dark)


def _stripes(draw: ImageDraw.ImageDraw, size: int, seed: bytes, middle: str, dark: str) -> None:
    width = size // (5 + seed[2] % 4)
    for index, left in enumerate(range(-size, size * 2, width * 2)):
        colour = middle if index % 2 else dark
        draw.polygon(((left, 0), (left + width, 0), (left + width + size, size), (left + size, size)), fill=colour)
