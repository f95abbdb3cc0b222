"""Phone numbers: what people type becomes E.164, or says what is wrong; shown the way people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saifa_crm.lib.phones import PhoneError, PhoneFault, format_phone, normalise_phone


@pytest.mark.parametrize(
    "typed",
    [
        "0812345678",
        "081-234-5678",
        "(081) 234 5678",
        "+66812345678",
        "+66 (0) 81 234 5678",
        "66812345678",
        "๐๘๑-๒๓๔-๕๖๗๘",
        "０８１２３４５６７８",
        " 081 234 5678 ",
    ],
)
def test_every_way_to_write_a_thai_mobile(typed: str) -> None:
    assert normalise_phone(typed) == "+66812345678"


@pytest.mark.parametrize(
    ("typed", "fault", "digits"),
    [
        ("081-234-567", PhoneFault.TOO_SHORT, 9),
        ("081-234-56789", PhoneFault.TOO_LONG, 11),
        ("1669", PhoneFault.TOO_SHORT, 4),
        ("000-000-0000", PhoneFault.INVALID, 10),
        ("nattaya", PhoneFault.NOT_A_NUMBER, 0),
        ("081 234 5678 ext 12", PhoneFault.NOT_A_NUMBER, 12),
        ("081-234-5678, 089-111-2222", PhoneFault.NOT_A_NUMBER, 20),
        ("1-800-FLOWERS", PhoneFault.NOT_A_NUMBER, 4),
    ],
)
def test_says_why_it_is_no_number(typed: str, fault: PhoneFault, digits: int) -> None:
    with pytest.raises(PhoneError) as caught:
        normalise_phone(typed)
    assert (caught.value.fault, caught.value.digits) == (fault, digits)


def test_nothing_typed_is_no_number_and_no_error() -> None:
    assert normalise_phone("  ") == ""


def test_another_region_reads_its_own_numbers() -> None:
    assert normalise_phone("020 7946 0018", region="GB") == "+442079460018"


@given(st.text())
def test_any_text_is_a_number_or_a_fault(text: str) -> None:
    try:
        number = normalise_phone(text)
    except PhoneError:
        return
    assert number == "" or (number.startswith("+") and number[1:].isascii() and number[1:].isdigit())


@given(st.from_regex(r"\A0(?:8[1-9]|9[0-8])[0-9]{7}\Z"))
def test_shown_and_typed_again_it_is_the_same_number(typed: str) -> None:
    number = normalise_phone(typed)
    assert normalise_phone(format_phone(number)) == number


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+66812345678", "081-234-5678"),
        ("+6621234567", "02-123-4567"),
        ("+6653123456", "053-123-456"),
        ("+661800123456", "1800-123-456"),
        ("+442079460018", "+44 20 7946 0018"),
        ("", ""),
        ("garbage", "garbage"),
    ],
)
def test_format(e164: str, shown: str) -> None:
    assert format_phone(e164) == shown
