"""Keys for sorting and searching Thai and Latin text."""

from __future__ import annotations

import unicodedata


def search_key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def sort_key(text: str) -> str:
    return search_key(text)
