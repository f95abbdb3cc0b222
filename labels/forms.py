"""The label form, on the labels page and in the panel's picker."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saifa_crm.lib.safe_text import is_visible, storable

from .models import KEY_LENGTH, Colour, Label, label_key


def readable_name(text: str) -> str:
    """The name as it is kept: of any script, single spaces. Raises ValidationError where nobody could read it."""
    name = " ".join(storable(text).split())
    if not is_visible(name):
        raise forms.ValidationError(_("Type a name that can be read."))
    if len(label_key(name)) > KEY_LENGTH:  # one ligature can unfold to 18 letters
        raise forms.ValidationError(_("This name is too long."))
    return name


class LabelForm(forms.Form):
    """Name, colour, description; `label` is the one being edited."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=40,
        help_text=gettext_lazy("Thai or English, up to 40 characters."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    colour = forms.ChoiceField(label=gettext_lazy("Colour"), choices=Colour.choices, initial=Colour.TEAL)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 2}),
    )

    def __init__(self, *args: Any, label: Label | None = None, **kwargs: Any) -> None:
        self.label = label
        if label is not None:
            kwargs.setdefault("initial", {"name": label.name, "colour": label.colour, "description": label.description})
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        name = readable_name(self.cleaned_data["name"])
        taken = Label.objects.filter(name_key=label_key(name))
        if self.label is not None:
            taken = taken.exclude(pk=self.label.pk)
        other = taken.first()
        if other is not None:
            words = (
                _("“%(name)s” is archived: restore it instead.") if other.archived else _("“%(name)s” exists already.")
            )
            raise forms.ValidationError(words, params={"name": other.name})
        return name
