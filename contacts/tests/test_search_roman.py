"""Romanised search measured over a table of names: how many spellings find their name, and how many another's."""

from __future__ import annotations

import pytest

from contacts.models import Contact
from contacts.search import needles_of
from saifa_crm.tests.romanised_names import NAMES, UNSEEN

Table = list[tuple[str, list[str]]]


def _search_text(name: str) -> str:
    return str(Contact._meta.get_field("search_text").pre_save(Contact(name=name), add=True))


def _sounds_alike(spelling: str, search_text: str) -> bool:
    words = needles_of(spelling).sounds
    return bool(words) and all(any(sound in search_text for sound in word) for word in words)


def _measure(table: Table) -> tuple[float, float, list[str]]:
    """Recall over (name, spelling), share of wrong names found, and what was missed.

    A spelling of one name that is a usual spelling of another too ("nat") is no mistake there.
    """
    stored = {name: _search_text(name) for name, _spellings in table}
    owners: dict[str, set[str]] = {}
    for name, spellings in table:
        for spelling in spellings:
            owners.setdefault(spelling, set()).add(name)
    pairs = [(name, spelling) for spelling, names in owners.items() for name in names]
    missed = [f"{name} {spelling}" for name, spelling in pairs if not _sounds_alike(spelling, stored[name])]
    others = [(spelling, name) for spelling, names in owners.items() for name in stored if name not in names]
    wrong = sum(_sounds_alike(spelling, stored[name]) for spelling, name in others)
    return 1 - len(missed) / len(pairs), wrong / len(others), missed


@pytest.mark.parametrize(
    ("table", "least", "most"), [(NAMES, 0.95, 0.002), (UNSEEN, 0.90, 0.002)], ids=["known", "unseen"]
)
def test_spellings_find_their_name_and_few_others(table: Table, least: float, most: float) -> None:
    recall, wrong, missed = _measure(table)
    print(f"{len(table)} names: recall {recall:.1%}, wrong {wrong:.2%}, missed {missed}")
    assert recall >= least, missed
    assert wrong <= most


def test_the_table_is_large_enough() -> None:
    assert len({name for name, _spellings in NAMES}) >= 150


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("ann", "กาญจนา"), ("ann", "อนันต์"), ("nok", "สนุก"), ("na", "มานะ"), ("som", "สมชาย"), ("chai", "สมชาย")],
)
def test_a_short_word_must_be_the_whole_word(spelling: str, name: str) -> None:
    assert not _sounds_alike(spelling, _search_text(name))


@pytest.mark.parametrize(
    ("words", "name"),
    [("nok", "น้องนก"), ("nok", "แม่น้องนก 🌸"), ("somchai jaidee", "สมชาย ใจดี"), ("jaidee somchai", "สมชาย ใจดี"),
     ("sudarat", "สุดารัตน์ (แม่ค้า)"), ("suda", "สุดารัตน์")],
)  # fmt: skip
def test_titles_and_several_words(words: str, name: str) -> None:
    assert _sounds_alike(words, _search_text(name))


@pytest.mark.parametrize("words", ["สมชาย", "081-234", "a", "fa", "somchai ใจดี", "mint@example.com", "@somchai", "50%"])
def test_only_latin_words_are_listened_to(words: str) -> None:
    assert needles_of(words).sounds == ()
