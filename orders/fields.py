"""Form fields that take numbers as shops type them: Thai or full-width digits, ฿, thousands commas."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .services import MAX_TOTAL

_AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?")

_SIGNS = str.maketrans("，．－\u2212", ",.--")


def ascii_number(text: str) -> str:
    """Digits of any script as 0-9, full-width signs as plain ones, without currency signs and spaces."""
    # Not NFKC: it would make 5² fifty-two.
    plain = "".join(str(unicodedata.decimal(ch, ch)) for ch in text.translate(_SIGNS))
    plain = re.sub(r"฿|บาท|THB", "", plain, flags=re.IGNORECASE)
    return "".join(plain.split())


class AmountField(forms.CharField):
    """An amount in THB, 0 to 9,999,999,999.99, as Decimal; None when empty. Never rounds what was typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "input", "inputmode": "decimal", "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.2f}" if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        text = ascii_number(super().clean(value))
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if text.startswith("-"):
            raise ValidationError(_("The amount cannot be below zero."))
        if not _AMOUNT.fullmatch(text) or not any(ch.isdigit() for ch in text):
            raise ValidationError(_("Write an amount like 1,890.00."))
        whole, _dot, satang = text.replace(",", "").partition(".")
        if len(satang.rstrip("0")) > 2:
            raise ValidationError(_("Write at most two decimals."))
        amount = Decimal(f"{whole or 0}.{satang.rstrip('0').ljust(2, '0')}")
        if amount > MAX_TOTAL:
            raise ValidationError(_("The amount can be 9,999,999,999.99 at most."))
        return amount

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class QuantityField(forms.CharField):
    """A whole number from 1 to 99,999; None when empty."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "input", "inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        text = ascii_number(super().clean(value)).replace(",", "")
        if not text:
            return None
        if not re.fullmatch(r"[0-9]+", text) or not 1 <= int(text) <= 99_999:
            raise ValidationError(_("Write a whole number from 1 to 99,999."))
        return int(text)
