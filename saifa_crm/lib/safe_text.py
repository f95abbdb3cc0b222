"""Text that PostgreSQL can hold (no NUL, no lone surrogate: they become U+FFFD) and that people can see."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

# Symbols and letters to Unicode, nothing to the eye: Braille blank, Hangul fillers.
_BLANK = frozenset("\u2800\u115f\u1160\u3164\uffa0")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with every character that a UTF-8 column refuses replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """The same for every string inside a JSON value, keys included; NaN and infinities become null."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value


def is_visible(text: str) -> bool:
    """Whether there is a letter, digit, sign or emoji that a person can see, and click."""
    return any(unicodedata.category(ch)[0] in "LNSP" and ch not in _BLANK for ch in text)
