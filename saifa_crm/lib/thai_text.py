"""Keys for sorting and searching Thai and Latin text; computed here, compared bytewise in the database."""

from __future__ import annotations

import re
import unicodedata

LEADING_VOWELS = "เแโใไ"
_LEADING = re.compile(f"([{LEADING_VOWELS}])([ก-ฮ])")
# Tone marks, thanthakhat, maitaikhu, nikhahit, yamakkan: they decide only between words that are else the same.
_MARKS = re.compile("[\u0e47-\u0e4e]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufe0e\ufe0f\ufeff\u00ad]")
_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")  # nikhahit and sara aa, a tone mark perhaps between them
_MARKS_OF_SOUND = re.compile("[\u0e47-\u0e4c\u0e4e]")  # nikhahit may be half of a sara am
_NIKHAHIT = re.compile("\u0e4d")
_ACCENTS = re.compile("[\u0300-\u036f]")
_REPEATED = re.compile("([\u0e30-\u0e3a\u0e40-\u0e44])\\1+|(?<=\u0e33)\u0e32+")
_SARA_AE = re.compile("[\u0e40\u0e41]{2,}")
_DIGITS = {ord("\u0e50") + digit: str(digit) for digit in range(10)}
_MISPLACED_TONE = re.compile("\u0e33([\u0e48-\u0e4b])")


def spelling(text: str) -> str:
    """Text as it is read, marks and all: one Unicode form, case folded, invisible signs gone, white space single."""
    if text.isascii():  # the rules below change nothing else of it, and ingest keys a name for each newcomer
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = _INVISIBLE.sub("", folded)
    # NFKC splits sara am into nikhahit and sara aa; people type and read it as one sign, the tone before or after it.
    folded = _MISPLACED_TONE.sub("\\1\u0e33", _SARA_AM.sub("\\1\u0e33", folded))
    # Two sara e look exactly like one sara ae, and are often typed for it.
    folded = folded.replace("\u0e40\u0e40", "\u0e41")
    return " ".join(folded.split())


def search_key(text: str) -> str:
    """Text as it is searched, so that what people type finds what looks or sounds alike.

    One Unicode form, case folded, invisible signs gone, white space single; no Thai tone mark, thanthakhat or
    maitaikhu; a vowel sign typed several times counts once; no accents on Latin letters; Thai digits as 0-9.
    """
    folded = spelling(text)
    if folded.isascii():
        return folded
    folded = unicodedata.normalize("NFD", _MARKS_OF_SOUND.sub("", folded))
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", folded))
    folded = _SARA_AE.sub("\u0e41", _NIKHAHIT.sub("", _SARA_AM.sub("\u0e33", folded)))
    return " ".join(_REPEATED.sub(r"\1", _REPEATED.sub(r"\1", folded)).translate(_DIGITS).split())


def sort_key(text: str) -> str:
    """Text as a Thai dictionary orders it: a leading vowel after its consonant, marks only as a tie-break."""
    folded = _LEADING.sub(r"\2\1", spelling(text))
    return f"{_MARKS.sub('', folded)}\x01{folded}"


def first_letter(text: str) -> str:
    """The letter for an avatar: the first consonant or letter, past Thai leading vowels and signs; "?" for none."""
    for ch in unicodedata.normalize("NFC", text):
        if ch.isalnum() and ch not in LEADING_VOWELS and not "\u0e30" <= ch <= "\u0e4e":
            upper = ch.upper()
            return upper if len(upper) == 1 else ch
    return "?"
