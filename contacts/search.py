"""What a search matches and which match is best (docs/search.md).

A contact's ListEntry holds all that is `searched`: name, email, phone digits, how a Thai name sounds and the accounts'
user names, a line each, with a space before every word, the first of a line too, and "@ " before a user name. One
trigram index answers for all of it; Django escapes LIKE's wildcards, so "50%" is literal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Field, IntegerField, Lookup, Q, TextField, Value, When
from django.db.models.sql.compiler import SQLCompiler

from saifa_crm.lib.romanise import ENOUGH, latin_keys
from saifa_crm.lib.safe_text import storable
from saifa_crm.lib.thai_text import search_key

PHONE_LIKE = re.compile(r"[\d\s+().\-‐-―/]+")
FEWEST_DIGITS = 3  # fewer are no phone number: "1-2" is looked for as written
ROMAN_WORD = re.compile("[a-z]{3,}")
TRIGRAM = 3  # letters: shorter ones are not in the index
WHOLE_WORD = 3  # letters: so short a romanised word must be all of the word it sounds like
WHOLE, BEGINS, EARLY, ANYWHERE, SOUNDS = range(5)  # ranks: see Ranks


@TextField.register_lookup
class Holds(Lookup):  # type: ignore[type-arg]
    """Whether the text holds another: what `contains` says, in a third less time a row, and deaf to indexes."""

    lookup_name = "holds"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        text, text_params = self.process_lhs(compiler, connection)
        part, part_params = self.process_rhs(compiler, connection)
        return f"strpos({text}, {part}) > 0", (*text_params, *part_params)


def clean_query(text: str) -> str:
    """The query with spaces gathered, and what columns cannot hold replaced as on the way in."""
    return " ".join(storable(text).split())


def phone_digits(text: str) -> str:
    """Digits of what looks like a phone number, as `searched` has them; "" where it looks like none.

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
    """What to look for in what is searched: one of `written`, or one of each word's in `sounds`.

    Only ever parts of it, so that a test can filter by them in Python.
    """

    written: tuple[str, ...]
    sounds: tuple[tuple[str, ...], ...]


def needles_of(query: str) -> Needles:
    """A query understood; what is empty is not looked for."""
    key = search_key(query)
    username = f"@ {key[1:]}" if key.startswith("@") and key[1:] else ""
    written = tuple(dict.fromkeys(needle for needle in (key, phone_digits(query), username) if needle))
    return Needles(written, _sounds(key))


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
    return _anywhere(needles, of) | _sounding(needles, of)


@dataclass(frozen=True, slots=True)
class Ranks:
    """How good a match is: 0 the whole name, 1 its beginning, 2 where a word, an email, a number or a user name begins,
    3 anywhere else, 4 only sounding like it. Conditions on matching entries alone.
    """

    whole: Q  # 0, of those that begin with it
    begins: Q  # 0 and 1
    early: Q  # 0, 1 and 2
    early_of_few: Q  # the same, quicker to tell of one row, and nothing to find rows by
    anywhere: Q  # all but 4
    anywhere_of_all: Q  # the same, quicker where no index finds so short a text and each entry is looked at
    sounding: Q  # 4, and others; empty where there is no such rank

    @property
    def worst(self) -> int:
        return SOUNDS if self.sounding else ANYWHERE

    @property
    def rank(self) -> Case:
        return self.case(Value, IntegerField())

    def case(self, value: Callable[[int], Any], field: Field[Any, Any]) -> Case:
        """The value of the rank, each condition asked of as few rows as can be."""
        early = Case(
            When(self.begins & self.whole, then=value(WHOLE)),
            When(self.begins, then=value(BEGINS)),
            default=value(EARLY),
            output_field=field,
        )
        sounds = [When(~self.anywhere, then=value(SOUNDS))] if self.sounding else []
        return Case(When(self.early, then=early), *sounds, default=value(ANYWHERE), output_field=field)


def search_ranks(query: str, *, of: str = "") -> Ranks:
    """The ranks of a query; `of` as for search_condition."""
    needles = needles_of(query)
    key, searched = search_key(query), f"{of}searched"
    begun = [f" {needle}" for needle in needles.written or ("",)]
    is_found = any(len(needle) >= TRIGRAM for needle in needles.written)
    return Ranks(
        whole=Q(**{searched: f" {key}"}) | Q(**{f"{searched}__startswith": f" {key}\n"}),
        begins=Q(**{f"{searched}__startswith": f" {key}"}),
        early=_any_of(f"{searched}__contains", begun),
        early_of_few=_any_of(f"{searched}__holds", begun),
        anywhere=_anywhere(needles, of),
        anywhere_of_all=_any_of(f"{searched}__{'contains' if is_found else 'holds'}", needles.written),
        sounding=_sounding(needles, of),
    )


def search_rank(query: str, *, of: str = "") -> Case:
    """The rank of a matching entry, 0 the best."""
    return search_ranks(query, of=of).rank


def _anywhere(needles: Needles, of: str) -> Q:
    """The query as it is written."""
    return _any_of(f"{of}searched__contains", needles.written)


def _sounding(needles: Needles, of: str) -> Q:
    """The query as it sounds."""
    condition = Q()
    for word in needles.sounds:
        condition &= _any_of(f"{of}searched__contains", word)
    return condition


def _any_of(lookup: str, needles: Iterable[str]) -> Q:
    condition = Q()
    for needle in needles:
        condition |= Q((lookup, needle))
    return condition
