"""How a stored phone number is shown and found."""

from __future__ import annotations

import phonenumbers

HOME = "TH"


def _parsed(phone: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(phone, HOME) if phone else None
    except phonenumbers.NumberParseException:
        return None


def phone_display(phone: str) -> str:
    """E.164 in the form people read: 081-234-5678 at home, international elsewhere; unparsable text as it is."""
    number = _parsed(phone)
    if number is None:
        return phone
    if number.country_code != phonenumbers.country_code_for_region(HOME):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL).replace(" ", "-")


def phone_national_digits(phone: str) -> str:
    """Digits of the number as dialled inside its country: 0812345678."""
    number = _parsed(phone)
    if number is None:
        return ""
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(char for char in national if char.isdigit())
