"""Names of files that outsiders chose, made harmless for a download."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 150
# Path separators, what Windows forbids, and quotes, which header parsers trip over.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')


def safe_name(name: str) -> str:
    """One line without paths, controls or marks that turn the reading order; empty where nothing is left.

    Thai and other scripts stay as they are. The ending survives a cut.
    """
    # Cc, Cf, Cs, Co, Cn: controls, direction marks ("gpj.exe" shown as "exe.jpg"), surrogates, unassigned.
    plain = "".join(char for char in name if not unicodedata.category(char).startswith("C"))
    plain = " ".join(_FORBIDDEN.sub("_", plain).split()).strip(". ")
    if len(plain) <= MAX_NAME:
        return plain
    stem, dot, end = plain.rpartition(".")
    if not dot or len(end) > 10:
        return plain[:MAX_NAME]
    return stem[: MAX_NAME - len(end) - 1] + dot + end
