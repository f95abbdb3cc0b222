"""What a search matches and which match is best, over `Contact.search_text` (name, email, phone digits; one a line).

`contains` on that folded column uses the trigram index; Django escapes LIKE's wildcards, so "50%" is literal.
"""

from __future__ import annotations

import re
import unicodedata

from django.db.models import Case, IntegerField, Q, Value, When

from saifa_crm.lib.safe_text import storable
from saifa_crm.lib.thai_text import search_key

PHONE_LIKE = re.compile(r"[\d\s+().\-‐-―/]+")
FEWEST_DIGITS = 3  # fewer are no phone number: "1-2" is looked for as written


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


def _needles(query: str) -> list[str]:
    return [needle for needle in dict.fromkeys((search_key(query), phone_digits(query))) if needle]


def search_condition(query: str) -> Q:
    """Rows whose name, email or phone holds the query anywhere."""
    condition = Q()
    for needle in _needles(query):
        condition |= Q(search_text__contains=needle)
    return condition


def search_rank(query: str) -> Case:
    """0 the whole name, 1 its beginning, 2 the beginning of a word, an email or a number, 3 anywhere else."""
    key = search_key(query)
    word_start = Q(search_text__contains=f" {key}")
    for needle in _needles(query):
        word_start |= Q(search_text__contains=f"\n{needle}")
    return Case(
        When(Q(search_text=key) | Q(search_text__startswith=f"{key}\n"), then=Value(0)),
        When(search_text__startswith=key, then=Value(1)),
        When(word_start, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
