"""Forms of the customer panel."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saifa_crm.lib.phones import PhoneError, PhoneFault, format_phone, normalise_phone
from saifa_crm.lib.safe_text import storable

from .models import Contact
from .services import FIELDS, EditConflict


class StorableCharField(forms.CharField):
    """Text that the database can hold, line breaks as the browser shows them."""

    def to_python(self, value: Any) -> str:
        return storable(super().to_python(value) or "").replace("\r\n", "\n")


def phone_words(error: PhoneError) -> str:
    """A phone error in the reader's language: what is wrong, with the number of digits typed."""
    if error.fault == PhoneFault.TOO_SHORT:
        return _("A Thai mobile number has 10 digits. This one has %(n)d.") % {"n": error.digits}
    if error.fault == PhoneFault.TOO_LONG:
        return _("This number is too long: it has %(n)d digits.") % {"n": error.digits}
    if error.fault == PhoneFault.INVALID:
        return _("No such number exists. Check the digits.")
    return _("Type a phone number, for example 081-234-5678 or +44 20 7946 0018.")


class ContactForm(forms.Form):
    """Name, phone, email, address; hidden `base` (signed) tells what the form was opened with."""

    name = StorableCharField(
        label=gettext_lazy("Name"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("Empty: the name from the profile."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    phone = StorableCharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Email"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    address = StorableCharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
    )
    base = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def fresh(cls, contact: Contact) -> ContactForm:
        """The form as it opens: phone in national form, name only where staff typed it."""
        return cls(initial={**_shown(contact), "base": pack(contact.revision, _stored(contact))})

    def clean_phone(self) -> str:
        try:
            return normalise_phone(self.cleaned_data["phone"])
        except PhoneError as error:
            raise forms.ValidationError(phone_words(error)) from error

    def opened_with(self) -> tuple[int, dict[str, str]]:
        """Revision and values that the form was opened with; raises signing.BadSignature where it was tampered with."""
        return unpack(self.data.get("base", ""))

    def conflicted(self, error: EditConflict) -> None:
        """Show both values; a further save starts from theirs and overwrites knowingly."""
        for name, conflict in error.conflicts.items():
            theirs = format_phone(conflict.theirs) if name == "phone" else conflict.theirs
            who = conflict.who or _("Somebody else")
            self.add_error(
                name,
                _("%(who)s changed this to “%(theirs)s” meanwhile. Yours is kept here: save again to use it.")
                % {"who": who, "theirs": theirs or "–"},
            )
        self.data = self.data.copy()
        self.data["base"] = pack(error.revision, error.current)


def _stored(contact: Contact) -> dict[str, str]:
    return {name: getattr(contact, name) for name in FIELDS}


def _shown(contact: Contact) -> dict[str, str]:
    return {**_stored(contact), "phone": format_phone(contact.phone)}


def pack(revision: int, values: dict[str, str] | Any) -> str:
    """Revision and values, signed."""
    return signing.dumps([revision, json.dumps(dict(values))], salt="contact-form", compress=True)


def unpack(text: str) -> tuple[int, dict[str, str]]:
    revision, values = signing.loads(text, salt="contact-form")
    return int(revision), dict(json.loads(values))
