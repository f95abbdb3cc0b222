"""What a search matches and which match is best (docs/search.md).

`search_text` holds name, email and phone digits, a line each, and on the last line how a Thai name sounds;
`usernames` holds the accounts' user names, each after a line feed. Both are looked for in the contact's ListEntry,
which has trigram indexes for them; Django escapes LIKE's wildcards, so "50%" is literal.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When

from saifa_crm.lib.romanise import ENOUGH, latin_keys
from saifa_crm.lib.safe_text import storable
from saifa_crm.lib.thai_text import search_key

PHONE_LIKE = re.compile(r"[\d\s+().\-‐-―/]+")
FEWEST_DIGITS = 3  # fewer are no phone number: "1-2" is looked for as written
ROMAN_WORD = re.compile("[a-z]{3,}")
# One or two characters have no trigrams and read the whole column: then that once, and nothing beside it.
FEWEST_OF_USERNAME = 3
WHOLE_WORD = 3  # letters: so short a romanised word must be all of the word it sounds like


def clean_query(text: str) -> str:
    """The query with spaces gathered, and what columns cannot hold replaced as on the way in."""
    return " ".join(storable(text).split())


def phone_digits(text: str) -> str:
    """Digits of what looks like a phone number, as `search_text` has them; "" where it looks like none.

    >>> phone_digits("+66 (0)81-234")
    '6681234'
    """
    text = unicodedata.normalize("NFKC", text)
    if not PHONE_LIKE.fullmatch(text):
        return ""
    digits = "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())
    if len(digits) < FEWEST_DIGITS:
        return ""
    digits = digits.removeprefix("00")
    return f"66{digits[3:]}" if digits.startswith("660") else digits


@dataclass(frozen=True, slots=True)
class Needles:
    """What to look for: `written` in search_text, `username` in usernames; `sounds` one of each word's in search_text.

    Only ever parts of a column, so that a test can filter by them in Python.
    """

    written: tuple[str, ...]
    username: str
    sounds: tuple[tuple[str, ...], ...]


def needles_of(query: str) -> Needles:
    """A query understood; what is empty is not looked for."""
    key = search_key(query)
    written = tuple(dict.fromkeys(needle for needle in (key, phone_digits(query)) if needle))
    username = key.removeprefix("@")
    searchable = len(username) >= FEWEST_OF_USERNAME and " " not in username
    return Needles(written, username if searchable else "", _sounds(key))


def _sounds(key: str) -> tuple[tuple[str, ...], ...]:
    """What Thai words that sound like each word may have; none unless all are Latin words of three letters or more."""
    words = key.split()
    if not words or not all(map(ROMAN_WORD.fullmatch, words)):
        return ()
    return tuple(tuple(_sound(word, code) for code in latin_keys(word)) for word in words)


def _sound(word: str, code: str) -> str:
    """A code stands between spaces; a long enough one may be the beginning of one."""
    begins = len(word) > WHOLE_WORD and len(code) >= ENOUGH
    return f" {code}" if begins else f" {code} "


def search_condition(query: str, *, of: str = "") -> Q:
    """Entries whose name, email, phone or user name holds the query anywhere, or whose Thai name sounds like it.

    `of`: the path to the ListEntry from another model, "entry__" from a contact.
    """
    needles = needles_of(query)
    condition = _anywhere(needles, of)
    sounding = Q()
    for word in needles.sounds:
        alike = Q()
        for sound in word:
            alike |= Q(**{f"{of}search_text__contains": sound})
        sounding &= alike
    return condition | sounding if sounding else condition


@dataclass(frozen=True, slots=True)
class Ranks:
    """How good a match is: 0 the whole name, 1 its beginning, 2 where a word, an email, a number or a user name begins,
    3 anywhere else, 4 only sounding like it. Conditions on matching entries alone.
    """

    whole: Q
    begins: Q  # of 0 and 1
    rank: Case
    worst: int


def search_ranks(query: str, *, of: str = "") -> Ranks:
    """The ranks of a query; `of` as for search_condition."""
    needles = needles_of(query)
    key, text, names = search_key(query), f"{of}search_text", f"{of}usernames"
    inside = Q(**{f"{text}__contains": f" {key}"})
    for needle in needles.written:
        inside |= Q(**{f"{text}__contains": f"\n{needle}"})
    if needles.username:
        inside |= Q(**{f"{names}__contains": f"\n{needles.username}"})
    begins = Q(**{f"{text}__startswith": key})
    whole = begins & (Q(**{text: key}) | Q(**{f"{text}__startswith": f"{key}\n"}))  # seldom asked beyond the beginning
    ranks = [When(whole, then=Value(0)), When(begins, then=Value(1)), When(inside, then=Value(2))]
    worst = 3
    if needles.sounds:
        worst = 4  # asked before all that costs: true of many where it is true of any
        ranks.insert(2, When(~_anywhere(needles, of), then=Value(worst)))
    return Ranks(whole, begins, Case(*ranks, default=Value(3), output_field=IntegerField()), worst)


def search_rank(query: str, *, of: str = "") -> Case:
    """The rank of a matching entry, 0 the best."""
    return search_ranks(query, of=of).rank


def _anywhere(needles: Needles, of: str) -> Q:
    """The query as it is written, or as a user name is."""
    condition = Q()
    for needle in needles.written:
        condition |= Q(**{f"{of}search_text__contains": needle})
    if needles.username:
        condition |= Q(**{f"{of}usernames__contains": needles.username})
    return condition
