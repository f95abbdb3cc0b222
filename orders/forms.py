"""Forms of an order: its facts, its rows of items, a refund."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .fields import AmountField, QuantityField
from .lines import MAX_LINES, Line, lines_total, read_lines
from .models import Order, Status
from .services import MAX_TOTAL, OrderFacts

LOCAL = "%Y-%m-%dT%H:%M"
EARLIEST_YEAR = 2000
EMPTY_ROWS = 5


class LineForm(forms.Form):
    """One item; a row left empty is no item."""

    name = forms.CharField(label=_("Item"), max_length=200, required=False)
    quantity = QuantityField(label=_("Quantity"), required=False)
    price = AmountField(label=_("Price each"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs.update({"class": "input", "autocomplete": "off"})
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        typed = data.get("quantity") is not None or data.get("price") is not None
        if typed and not data.get("name") and "name" not in self.errors:
            self.add_error("name", gettext("Name the item."))
        return data

    def line(self) -> Line | None:
        """The item typed here."""
        data = self.cleaned_data
        if not data.get("name"):
            return None
        return Line(data["name"], data.get("quantity") or 1, data.get("price"))


LineFormSet = forms.formset_factory(LineForm, extra=EMPTY_ROWS, max_num=MAX_LINES + EMPTY_ROWS, absolute_max=200)


class OrderForm(forms.Form):
    """What a person may set of an order. `rows` are its items; `facts()` is what the service takes."""

    number = forms.CharField(label=_("Order number"), max_length=64, required=False)
    placed_at = forms.DateTimeField(label=_("Placed"), required=False, input_formats=[LOCAL, f"{LOCAL}:%S"])
    status = forms.ChoiceField(label=_("Status"))
    is_cod = forms.BooleanField(label=_("Cash on delivery"), required=False)
    total = AmountField(label=_("Total, ฿"), required=False)
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, data: QueryDict | None = None, *, order: Order | None = None) -> None:
        self.order = order
        super().__init__(data, initial=self._stored(order))
        stored = [
            {"name": line.name, "quantity": line.quantity, "price": line.price}
            for line in (read_lines(order.lines) if order else [])[:MAX_LINES]
        ]
        self.rows = LineFormSet(data, initial=stored, prefix="lines")
        closed = {Status.REFUNDED} - {order.status if order else ""}  # a refund is given, not chosen
        self.fields["status"].choices = [pair for pair in Status.choices if pair[0] not in closed]  # type: ignore[attr-defined]
        self.fields["placed_at"].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        for name, css in {"number": "input", "placed_at": "input", "status": "select", "note": "textarea"}.items():
            self.fields[name].widget.attrs["class"] = css
        self.fields["is_cod"].widget.attrs["class"] = "check"
        self.fields["number"].widget.attrs["autocomplete"] = "off"

    @staticmethod
    def _stored(order: Order | None) -> dict[str, Any]:
        if order is None:
            return {"placed_at": timezone.now(), "status": Status.PAID, "revision": 0}
        names = ("number", "placed_at", "status", "is_cod", "total", "note", "revision")
        return {name: getattr(order, name) for name in names}

    def is_valid(self) -> bool:
        rows = self.rows.is_valid()
        return super().is_valid() and rows

    def clean_placed_at(self) -> dt.datetime | None:
        placed: dt.datetime | None = self.cleaned_data["placed_at"]
        if placed is None:
            return None
        if not EARLIEST_YEAR <= placed.year <= timezone.now().year + 1:
            raise forms.ValidationError(gettext("Write a date between 2000 and next year."))
        # The field shows minutes: what was not touched keeps its seconds.
        if self.order and self.order.placed_at.replace(second=0, microsecond=0) == placed:
            return self.order.placed_at
        return placed

    def clean_note(self) -> str:
        return str(self.cleaned_data["note"]).replace("\r\n", "\n")  # browsers send CRLF

    def clean_revision(self) -> int:
        revision: int | None = self.cleaned_data["revision"]
        return -1 if revision is None else revision  # of no order

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if "total" in self.errors or not self.rows.is_valid():
            return data
        if data.get("total") is None:
            data["total"] = lines_total(self.lines())
        if data["total"] is None:
            self.add_error("total", gettext("Write the total, or a price for every item."))
        elif data["total"] > MAX_TOTAL:
            self.add_error("total", gettext("The total can be 9,999,999,999.99 at most."))
        elif self.order and data["total"] < self.order.refunded:
            self.add_error("total", gettext("The total cannot be less than what was refunded."))
        return data

    def lines(self) -> list[Line]:
        """The items typed, in order."""
        return [line for row in self.rows if (line := row.line())]

    def facts(self) -> OrderFacts:
        """Valid input as the service takes it."""
        data = self.cleaned_data
        return OrderFacts(
            total=data["total"],
            status=data["status"],
            number=data["number"],
            placed_at=data["placed_at"],
            is_cod=data["is_cod"],
            lines=tuple(self.lines()),
            note=data["note"],
        )

    def at_revision(self, order: Order) -> None:
        """Show what was typed again, to be saved over what is stored now."""
        self.data = {**self.data.dict(), "revision": str(order.revision)}  # type: ignore[attr-defined]


class RefundForm(forms.Form):
    """How much is returned; starts as all that is left."""

    amount = AmountField(label=_("Amount to refund, ฿"), required=True)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, data: QueryDict | None = None, *, order: Order) -> None:
        super().__init__(data, initial={"amount": order.net, "revision": order.revision})

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError(gettext("Write an amount above zero."))
        return amount

    def at_revision(self, order: Order) -> None:
        """As OrderForm.at_revision."""
        self.data = {**self.data.dict(), "revision": str(order.revision)}  # type: ignore[attr-defined]


class RevisionForm(forms.Form):
    """A yes to the order as it was shown."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)
