"""The form of a view: its name, who sees it, and the filters that it keeps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labels.forms import readable_name

from .list_urls import ListUrl
from .models import Segment
from .models.segment import NAME_LENGTH
from .segments import canonical
from .selectors.listing import contact_listing

LONGEST_QUERY = 3500  # a request line of 4094 bytes must still hold it
WHO = (("private", gettext_lazy("Only you")), ("shared", gettext_lazy("Everyone in the shop")))


class SegmentForm(forms.Form):
    """Name and who sees it; `segment` is the one being edited, `who` is asked only of their own."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("Thai or English, up to 60 characters."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Give the view a name.")},
    )
    who = forms.ChoiceField(label=gettext_lazy("Who sees it"), choices=WHO, initial="private")

    def __init__(self, *args: Any, segment: Segment | None = None, own: bool = True, **kwargs: Any) -> None:
        if segment is not None:
            kwargs.setdefault("initial", {"name": segment.name, "who": "shared" if segment.shared else "private"})
        super().__init__(*args, **kwargs)
        if not own:
            del self.fields["who"]

    def clean_name(self) -> str:
        return readable_name(self.cleaned_data["name"])

    @property
    def shared(self) -> bool:
        return self.cleaned_data.get("who", "shared") == "shared"

    def name_taken(self) -> None:
        name = self.cleaned_data["name"]
        words = _("You have a view “%(name)s” already. Choose another name.")
        self.add_error("name", forms.ValidationError(words, params={"name": name}))


class SegmentQueryForm(forms.Form):
    """The filters and the order to keep, as the list's address has them."""

    query = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """Canonical; refuses what the list would refuse, and what every list is."""
        query = canonical(ListUrl.of(QueryDict(self.cleaned_data["query"])))
        if not query:
            raise forms.ValidationError(_("There is nothing to keep: choose a filter or an order first."))
        if len(query) > LONGEST_QUERY:
            raise forms.ValidationError(_("These are too many filters for one view."))
        errors = contact_listing(QueryDict(query)).errors
        if errors:
            raise forms.ValidationError(errors)
        return query
