"""Phone numbers: kept as E.164, shown the way people here write them."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

REGION = "TH"
THAILAND = 66


class PhoneFault(StrEnum):
    """Why a text is no phone number; the form puts it into words."""

    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    INVALID = "invalid"


class PhoneError(ValueError):
    """`fault` says why; `digits` is how many digits were typed."""

    def __init__(self, fault: PhoneFault, digits: int) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.digits = digits


def _ascii_digits(text: str) -> str:
    """Thai and full-width digits as 0–9; all else as it is."""
    return "".join(str(unicodedata.digit(ch)) if ch.isdigit() else ch for ch in unicodedata.normalize("NFKC", text))


def _thai_fault(national_number: int | None, digits: int) -> PhoneFault:
    """A mobile has 10 digits with its leading 0; ten typed digits are never called too few."""
    length = len(str(national_number)) + 1
    if length > 10:
        return PhoneFault.TOO_LONG
    return PhoneFault.TOO_SHORT if length < 10 and digits < 10 else PhoneFault.INVALID


def normalise_phone(text: str, region: str = REGION) -> str:
    """E.164 of what somebody typed, "+66812345678"; empty for empty. Raises PhoneError."""
    typed = _ascii_digits(text).strip()
    if not typed:
        return ""
    digits = sum(ch.isdigit() for ch in typed)
    try:
        number = phonenumbers.parse(typed, region)
    except NumberParseException as error:
        long = error.error_type == NumberParseException.TOO_LONG
        raise PhoneError(PhoneFault.TOO_LONG if long else PhoneFault.NOT_A_NUMBER, digits) from error
    if number.extension or any(ch.isalpha() for ch in typed):
        raise PhoneError(PhoneFault.NOT_A_NUMBER, digits)
    if not phonenumbers.is_valid_number(number):
        if number.country_code == THAILAND:
            raise PhoneError(_thai_fault(number.national_number, digits), digits)
        possible = phonenumbers.is_possible_number_with_reason(number)
        if possible == phonenumbers.ValidationResult.TOO_SHORT:
            raise PhoneError(PhoneFault.TOO_SHORT, digits)
        if possible == phonenumbers.ValidationResult.TOO_LONG:
            raise PhoneError(PhoneFault.TOO_LONG, digits)
        raise PhoneError(PhoneFault.INVALID, digits)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def format_phone(e164: str) -> str:
    """081-234-5678 for a Thai number (02-123-4567, 053-123-456 for landlines), else international: +44 20 7946 0018."""
    if not e164:
        return ""
    try:
        number = phonenumbers.parse(e164, REGION)
    except NumberParseException:
        return e164
    if number.country_code != THAILAND or not phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL) if e164.startswith("+") else e164
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL).replace(" ", "-")


def national_digits(e164: str) -> str:
    """Digits as dialled inside the number's own country: "0812345678"; empty where it is no number."""
    try:
        number = phonenumbers.parse(e164, REGION)
    except NumberParseException:
        return ""
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return "".join(ch for ch in national if ch.isdigit())
