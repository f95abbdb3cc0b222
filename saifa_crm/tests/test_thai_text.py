"""Search and sort keys of Thai and Latin text, and the letter of an avatar."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saifa_crm.lib.thai_text import first_letter, search_key, sort_key


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("NATTAYA", "nattaya"),
        ("Straße", "STRASSE"),
        ("ＬＩＶ", "liv"),  # full width
        ("cafe\u0301", "café"),
        ("น้\u200bำ", "น้ำ"),  # zero-width space inside
        ("  พี่ปุ้ย \t ร้านชำ ", "พี่ปุ้ย ร้านชำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),  # nikhahit, tone, sara aa
        ("น\u0e33\u0e49", "น้ำ"),  # tone after sara am
        ("เเม่น้อง", "แม่น้อง"),  # two sara e for one sara ae
    ],
)
def test_what_looks_the_same_is_found(typed: str, stored: str) -> None:
    assert search_key(typed) == search_key(stored)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("สมชาย", "สมชาย์"),
        ("ศักดิ", "ศักดิ์"),
        ("ปุย", "ปุ้ย"),
        ("ป้า", "ป่า"),
        ("เพญ", "เพ็ญ"),
        ("นํ้าา", "นำ"),
        ("ชะะ", "ชะ"),
        ("สมหญิิง", "สมหญิง"),
        ("แแม่", "แม่"),
        ("เเเม่", "แม่"),
        ("jose nguyen", "José Nguyễn"),
        ("ร้าน ๑๒", "ร้าน 12"),
        ("❤", "❤\ufe0f"),
    ],
)
def test_marks_and_slips_of_the_finger_do_not_count(typed: str, stored: str) -> None:
    assert search_key(typed) == search_key(stored)


@pytest.mark.parametrize(("one", "other"), [("กา", "กำ"), ("กิน", "กีน"), ("เก", "แก"), ("สัน", "สรร"), ("11", "1")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert search_key(one) != search_key(other)


@given(st.text())
def test_search_key_is_settled_and_has_no_stray_space(text: str) -> None:
    key = search_key(text)
    assert search_key(key) == key
    assert key == " ".join(key.split())


@given(st.text(alphabet=st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B)), st.text())
def test_a_part_of_a_thai_text_is_found_in_it(part: str, around: str) -> None:
    assert search_key(part) in search_key(f"{around} {part} {around}")


def test_thai_dictionary_order() -> None:
    words = ["กา", "กาว", "ก้าว", "กำ", "เก", "แก", "โก", "ไก่", "ขา", "เขา", "นา", "น้ำ"]
    backwards = words[::-1]
    backwards.sort(key=sort_key)
    assert backwards == words


def test_marks_decide_only_between_equal_words() -> None:
    assert sort_key("ก่า") > sort_key("กา")
    assert sort_key("ก่า") < sort_key("กาบ")


@given(st.text(), st.text())
def test_equal_sort_keys_mean_that_one_finds_the_other(one: str, other: str) -> None:
    if sort_key(one) == sort_key(other):
        assert search_key(one) == search_key(other)


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("Nattaya", "N"),
        ("nattaya", "N"),
        ("แม่น้องใบข้าว", "ม"),
        ("เอิร์ธ", "อ"),
        ("โอ๊ต", "อ"),
        ("ใบเตย", "บ"),
        ("ไหม", "ห"),
        ("@beam.skincare", "B"),
        ("😀 Ann", "A"),
        ("11.11 Live", "1"),
        ("ßeta", "ß"),
        ("", "?"),
        ("😀", "?"),
        ("ๆ", "?"),
    ],
)
def test_first_letter(name: str, letter: str) -> None:
    assert first_letter(name) == letter


@given(st.text())
def test_first_letter_is_one_visible_sign(name: str) -> None:
    letter = first_letter(name)
    assert len(letter) == 1
    assert letter == "?" or unicodedata.category(letter)[0] in "LN"
