"""Words to look for in messages: how a query is read, how text is folded, which part of a message is shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from saifa_crm.lib.safe_text import storable

SHORTEST = 2  # letters of a query; one alone would find nearly everything
LONGEST = 200
TRIGRAM = 3
BEFORE, LENGTH = 40, 180  # signs shown before the first match, and in all


@dataclass(frozen=True, slots=True)
class WordQuery:
    """`text` as typed, spaces gathered; `words` in the form `text_folded` compares, each once."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> WordQuery:
        text = " ".join(storable(text).replace("\N{REPLACEMENT CHARACTER}", " ").split())[:LONGEST].strip()
        return cls(text, tuple(dict.fromkeys(unicodedata.normalize("NFKC", text).split())))

    @property
    def is_empty(self) -> bool:
        return not self.words

    @property
    def is_too_short(self) -> bool:
        return 0 < sum(map(len, self.words)) < SHORTEST

    @property
    def has_trigrams(self) -> bool:
        """Whether the trigram index can narrow it: three letters or digits in a row, signs of Thai included."""
        return any(_longest_run(word) >= TRIGRAM for word in self.words)


def _longest_run(word: str) -> int:
    longest = run = 0
    for sign in word:
        run = run + 1 if sign.isalnum() or unicodedata.category(sign)[0] == "M" else 0
        longest = max(longest, run)
    return longest


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a snippet; `marked` where it is one of the words."""

    text: str
    marked: bool = False


def snippet(text: str, words: tuple[str, ...]) -> list[Part]:
    """The text around the first match, every word in it marked; untrusted still: the template escapes it."""
    signs = list(_signs(text))
    marked = _marked(signs, words)
    first = marked.index(True) if True in marked else 0
    start = max(0, first - BEFORE) if len(signs) > LENGTH else 0
    end = min(len(signs), start + LENGTH)
    parts = [Part("…")] if start else []
    place = start
    while place < end:
        stop = place + 1
        while stop < end and marked[stop] == marked[place]:
            stop += 1
        parts.append(Part("".join(signs[place:stop]), marked[place]))
        place = stop
    return [*parts, Part("…")] if end < len(signs) else parts


def _signs(text: str) -> Iterator[str]:
    """Characters with the marks that stand on them: a mark cut off from its letter is drawn on a dotted circle."""
    sign = ""
    for char in text:
        if sign and (unicodedata.category(char)[0] == "M" or char == "\N{THAI CHARACTER SARA AM}"):
            sign += char
            continue
        if sign:
            yield sign
        sign = char
    if sign:
        yield sign


def _fold(text: str) -> str:
    """As `text_folded` does in the database: NFKC, then the one upper-case letter of each."""
    return "".join(upper if len(upper := char.upper()) == 1 else char for char in unicodedata.normalize("NFKC", text))


def _marked(signs: list[str], words: tuple[str, ...]) -> list[bool]:
    """Which signs belong to a match, wholly or in part."""
    folded, owners = "", []
    for place, sign in enumerate(signs):
        part = _fold(sign)
        folded += part
        owners += [place] * len(part)
    marked = [False] * len(signs)
    for word in filter(None, map(_fold, words)):
        at = folded.find(word)
        while at >= 0:
            for place in owners[at : at + len(word)]:
                marked[place] = True
            at = folded.find(word, at + len(word))
    return marked
