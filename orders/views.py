"""Pages of orders: the panel's section, the form, cancelling and refunding."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.models import Contact

from .forms import OrderForm, RefundForm, RevisionForm
from .models import Order
from .panel import section_context
from .services import OrderConflict, order_add, order_cancel, order_edit, order_refund

form_page = require_http_methods(["GET", "HEAD", "POST"])
MAX_ID = 2**31 - 1  # a longer number in the URL is nobody's id, not an error of the database


def _contact(pk: int) -> Contact:
    return get_object_or_404(Contact, pk=min(pk, MAX_ID))


def _order(pk: int) -> Order:
    return get_object_or_404(Order.objects.select_related("contact"), pk=min(pk, MAX_ID))


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context | {"nav": "contacts"})


def _back(contact_id: int | None) -> str:
    return f"/contacts/{contact_id}/?tab=orders" if contact_id else "/contacts/"


def _done(request: HttpRequest, order: Order, text: str) -> HttpResponse:
    messages.success(request, text % {"number": str(order)})
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": _back(order.contact_id), "HX-Trigger": "contactChanged"})
    return redirect(_back(order.contact_id))


def _add_errors(form: OrderForm | RefundForm, error: ValidationError) -> None:
    known = not hasattr(error, "error_dict") or set(error.error_dict) <= set(form.fields)
    form.add_error(None, error if known else ValidationError(error.messages))


@require_GET
def order_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The section alone for htmx, only its next rows for an older page; else a page of its own."""
    context = section_context(_contact(pk), request) | {"back": _back(pk)}
    if request.headers.get("HX-Request") != "true":
        return _page(request, "orders/list.html", context)
    return render(request, "orders/_rows.html" if request.GET.get("before") else "orders/_section.html", context)


@form_page
def add(request: HttpRequest, pk: int) -> HttpResponse:
    contact = _contact(pk)
    form = OrderForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            order = order_add(contact=contact, actor=cast(User, request.user), facts=form.facts())
            return _done(request, order, _("Order %(number)s added."))
        except ValidationError as error:
            _add_errors(form, error)
    return _page(request, "orders/form.html", {"form": form, "contact": contact, "back": _back(pk)})


@form_page
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    order = _order(pk)
    form = OrderForm(request.POST if request.method == "POST" else None, order=order)
    context: dict[str, Any] = {"form": form, "order": order, "contact": order.contact, "back": _back(order.contact_id)}
    if form.is_bound and form.is_valid():
        try:
            saved = order_edit(
                order_id=pk,
                revision=form.cleaned_data["revision"],
                actor=cast(User, request.user),
                facts=form.facts(),
            )
            return _done(request, saved, _("Order %(number)s saved."))
        except OrderConflict as conflict:
            form.at_revision(conflict.order)
            context["conflict"] = conflict.order
        except ValidationError as error:
            _add_errors(form, error)
    return _page(request, "orders/form.html", context)


@form_page
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    order = _order(pk)
    context: dict[str, Any] = {"order": order, "contact": order.contact, "back": _back(order.contact_id)}
    form = RevisionForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            done = order_cancel(order_id=pk, revision=form.cleaned_data["revision"], actor=cast(User, request.user))
            return _done(request, done, _("Order %(number)s cancelled."))
        except OrderConflict as conflict:
            context |= {"order": conflict.order, "conflict": conflict.order}
        except ValidationError as error:
            context["errors"] = error.messages
    return _page(request, "orders/cancel.html", context)


@form_page
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    order = _order(pk)
    form = RefundForm(request.POST if request.method == "POST" else None, order=order)
    context: dict[str, Any] = {"form": form, "order": order, "contact": order.contact, "back": _back(order.contact_id)}
    if form.is_bound and form.is_valid():
        try:
            done = order_refund(
                order_id=pk,
                revision=form.cleaned_data["revision"],
                actor=cast(User, request.user),
                amount=form.cleaned_data["amount"],
            )
            return _done(request, done, _("Refund on %(number)s recorded."))
        except OrderConflict as conflict:
            form.at_revision(conflict.order)
            context |= {"order": conflict.order, "conflict": conflict.order}
        except ValidationError as error:
            _add_errors(form, error)
    return _page(request, "orders/refund.html", context)
