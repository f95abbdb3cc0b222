"""Addresses that browsers send along in headers; anybody can write anything there."""

from __future__ import annotations

from urllib.parse import urlsplit


def path_of(url: str) -> str:
    """Path and query of an address; empty for what is none.

    >>> path_of("https://shop.example/contacts/?q=1#top"), path_of("http://[")
    ('/contacts/?q=1', '')
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
