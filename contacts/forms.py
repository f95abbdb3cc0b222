"""Forms of the customer panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saifa_crm.lib.dates import BANGKOK, format_exact, format_time, today
from saifa_crm.lib.phones import PhoneError, PhoneFault, format_phone, normalise_phone
from saifa_crm.lib.safe_text import is_visible, storable

from .models import Contact
from .services import FIELDS, Conflict, EditConflict


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

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact
        self.revision = contact.revision
        self.original: dict[str, str] = {}

    @classmethod
    def fresh(cls, contact: Contact) -> ContactForm:
        """The form as it opens, the phone in national form."""
        values = {name: getattr(contact, name) for name in FIELDS}
        return cls(contact=contact, initial={**_shown(values), "base": pack(contact.pk, contact.revision, values)})

    def clean_phone(self) -> str:
        try:
            return normalise_phone(self.cleaned_data["phone"])
        except PhoneError as error:
            raise forms.ValidationError(phone_words(error)) from error

    def clean_name(self) -> str:
        """A name of mere blanks is none: nobody could click it in the list."""
        name: str = self.cleaned_data["name"]
        return name if is_visible(name) else ""

    def clean(self) -> dict[str, Any]:
        """Read `revision` and `original`, what the form was opened with; refuse a `base` that is not ours."""
        data = super().clean() or {}
        try:
            self.revision, self.original = unpack(self.contact.pk, data.get("base", ""))
        except (signing.BadSignature, ValueError):
            self.add_error(None, _("This form was open too long. Nothing was saved: load the page again."))
        return data

    def conflicted(self, error: EditConflict) -> None:
        """Show both values; a further save starts from theirs and overwrites knowingly.

        Fields left alone here take their value: kept as they were, the further save would undo it unseen.
        """
        theirs = _shown(error.current)
        untouched = [name for name in FIELDS if self.cleaned_data[name] == self.original.get(name)]
        base = pack(self.contact.pk, error.revision, error.current)
        self.data = {**self.data.dict(), **{name: theirs[name] for name in untouched}, "base": base}  # type: ignore[attr-defined]
        for name, conflict in error.conflicts.items():
            self.add_error(name, _conflict_words(conflict, theirs[name] or "–"))

    def focus_first_error(self) -> None:
        """The first field with an error takes the focus when the form is shown again."""
        name = next((name for name in self.fields if name in self.errors), None)
        if name:
            self.fields[name].widget.attrs["autofocus"] = True


def _conflict_words(conflict: Conflict, theirs: str) -> str:
    """Who changed it, to what and when; only the clock where it was today."""
    facts = {"who": conflict.who or _("Somebody else"), "theirs": theirs}
    if conflict.at is None:
        return _("%(who)s changed this to “%(theirs)s” meanwhile. Yours is kept here: save again to use it.") % facts
    was_today = conflict.at.astimezone(BANGKOK).date() == today()
    facts["time"] = format_time(conflict.at) if was_today else format_exact(conflict.at)
    return _("%(who)s changed this to “%(theirs)s” at %(time)s. Yours is kept here: save again to use it.") % facts


def _shown(values: Mapping[str, str]) -> dict[str, str]:
    """Values as the form shows them."""
    return {**values, "phone": format_phone(values["phone"])}


def pack(contact_id: int, revision: int, values: Mapping[str, str]) -> str:
    """Revision and values, signed for this contact alone."""
    return signing.dumps([contact_id, revision, dict(values)], salt="contact-form", compress=True)


def unpack(contact_id: int, text: str) -> tuple[int, dict[str, str]]:
    """What `pack` was given. Raises BadSignature, also for another contact's."""
    packed_for, revision, values = signing.loads(text, salt="contact-form")
    if packed_for != contact_id:
        raise signing.BadSignature("signed for another contact")
    return revision, values
