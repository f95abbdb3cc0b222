"""How long a text is as a platform counts it: characters, bytes of UTF-8, or UTF-16 units."""

from __future__ import annotations

from typing import Literal

Unit = Literal["characters", "bytes", "utf16"]


def text_length(text: str, unit: Unit) -> int:
    """The length in that unit; a lone surrogate, which nothing can send, counts as the mark put in its place."""
    if unit == "bytes":
        return len(text.encode("utf-8", "replace"))
    if unit == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text)
