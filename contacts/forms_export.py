"""The Owner's setting of exports."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ExportPolicyForm(forms.Form):
    """Empty: no export waits for an Owner."""

    approval_above = forms.IntegerField(
        label=_("Ask an owner above this many contacts"),
        help_text=_("Empty: nobody has to ask. Owners never have to."),
        min_value=0,
        max_value=2_000_000_000,
        required=False,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )
