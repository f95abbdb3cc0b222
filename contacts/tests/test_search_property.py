"""Whatever the names and however they are typed: what is searched for is found, and the database agrees with Python."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Channel, Contact
from contacts.search import needles_of, search_condition, search_rank
from saifa_crm.tests.romanised_names import NAMES

from .factories import make_channel, make_identity

TONES = "่้๊๋์็"
# What the eye takes for one sign: a letter with its marks, two sara e for one sara ae, sara am in two halves.
SIGN = re.compile(
    "เเ|.[\u0e31-\u0e4e]*\u0e4d[\u0e48-\u0e4b]?\u0e32|.[\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*", re.DOTALL
)

syllables = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "", "", "เ", "แ", "เเ", "โ", "ใ", "ไ"]),
    st.sampled_from("กขคงจชซญดตถทธนบปผพฟภมยรลวศสหอฮ"),
    st.sampled_from(["", "", "ั", "ิ", "ี", "ึ", "ื", "ุ", "ู"]),
    st.sampled_from(["", "", *TONES]),
    st.sampled_from(["", "", "า", "ะ", "ำ"]),
)
thai = st.lists(syllables, min_size=1, max_size=6).map("".join)
latin = st.text("abcdefghijklmnopqrstuvwxyzABCXYZéÜñß0123456789.-_%\\'", min_size=1, max_size=10)
known = st.sampled_from([name for name, _spellings in NAMES])
names = st.lists(st.one_of(thai, latin, known, st.sampled_from(["🌸", "❤\ufe0f", "๑๒"])), min_size=1, max_size=3).map(
    " ".join
)


@st.composite
def parts(draw: st.DrawFn, of: str) -> str:
    """One or more signs of a text, side by side, at least one of them visible."""
    signs = SIGN.findall(of)
    start = draw(st.integers(0, len(signs) - 1))
    stop = draw(st.integers(start + 1, len(signs)))
    return "".join(signs[start:stop])


def widen(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@st.composite
def typed(draw: st.DrawFn, text: str) -> str:
    """The text as somebody else would type it: other case, width, Unicode form, tone marks."""
    for change in draw(st.lists(st.sampled_from([str.upper, str.lower, str.title, widen]), max_size=2)):
        text = change(text)
    if draw(st.booleans()):
        text = re.sub(f"[{TONES}]", "", text)
    if draw(st.booleans()):
        mark = draw(st.sampled_from(TONES))
        text = re.sub("([ก-ฮ])", lambda found: found[1] + (mark if draw(st.booleans()) else ""), text)
    if draw(st.booleans()):
        text = re.sub("([ะาิีึืุู])", r"\1\1", text)
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])), text)


def searched_of(contact: Contact) -> str:
    """What the contact's entry holds."""
    lines = [f" {line}" for line in contact.search_text.split("\n")]
    return "\n".join([*lines, *(f" @ {name}" for name in contact.usernames.split("\n")[1:])])


def python_finds(query: str, contact: Contact) -> bool:
    """The naive filter: parts of text."""
    needles, searched = needles_of(query), searched_of(contact)
    if not (needles.written or needles.sounds):
        return True
    return any(needle in searched for needle in needles.written) or bool(
        needles.sounds and all(any(one in searched for one in word) for word in needles.sounds)
    )


def python_ranks(query: str, contact: Contact) -> int:
    needles, searched = needles_of(query), searched_of(contact)
    key = needles.written[0] if needles.written else ""
    if searched == f" {key}" or searched.startswith(f" {key}\n"):
        return 0
    if searched.startswith(f" {key}"):
        return 1
    if any(f" {needle}" in searched for needle in needles.written):
        return 2
    return 3 if any(needle in searched for needle in needles.written) or not needles.sounds else 4


def keyed(name: str) -> Contact:
    contact = Contact(name=name)
    contact._meta.get_field("search_text").pre_save(contact, add=True)
    return contact


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_name_is_found_by_any_part_of_it_however_typed(data: st.DataObject) -> None:
    name = data.draw(names)
    stored = unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD", "NFKD"])), name)
    query = data.draw(typed(data.draw(parts(name))))  # of what is seen: a sara am is one sign however it is stored
    assert python_finds(query, keyed(stored))


class DatabaseAndPython(TestCase):
    """Ids and ranks of a search in SQL are those of the naive filter."""

    channel: Channel

    @settings(max_examples=40, deadline=None)
    @given(
        people=st.lists(
            st.tuples(
                names,
                st.sampled_from(["", "+66812345678", "+66899990000", "+442079460958"]),
                st.sampled_from(["", "Mint.K@example.com", "a_b%c@x.co"]),
                st.lists(st.sampled_from(["nok.lights", "Mali_W", "50%", "x\\y", "som"]), max_size=2),
            ),
            min_size=1,
            max_size=6,
        ),
        data=st.data(),
    )
    def test_they_agree(self, people: list[tuple[str, str, str, list[str]]], data: st.DataObject) -> None:
        channel = make_channel("instagram")
        for name, phone, email, usernames in people:
            contact = Contact.objects.create(name=name, phone=phone, email=email)
            for username in usernames:
                make_identity(contact, channel, username=username)
        contacts = list(Contact.objects.all())
        spellings = st.sampled_from([spelling for _name, spelled in NAMES for spelling in spelled])
        odd = st.sampled_from(
            ["%", "_", "\\", "5%", "@nok", "@ok", "@ n", "@", "5678", "081 234", "a_b", "mint.k@", "\n", "som", "n"]
        )
        for _ in range(6):
            part = parts(data.draw(st.sampled_from(people))[0])
            query = data.draw(st.one_of(part.flatmap(typed), spellings, odd, names))
            found = Contact.objects.filter(search_condition(query, of="entry__"))
            found = found.annotate(rank=search_rank(query, of="entry__"))
            by_database = {contact.pk: contact.rank for contact in found}  # type: ignore[attr-defined]
            by_python = {one.pk: python_ranks(query, one) for one in contacts if python_finds(query, one)}
            assert by_database == by_python, query


@pytest.mark.django_db
def test_longer_than_any_name_is_answered_quickly() -> None:
    sentence = "ส" * 120 + "ณรงค์" * 27
    assert len(Contact.objects.create(name=sentence[:255]).search_text) < 1000
