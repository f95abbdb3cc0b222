"""Services: what they write, refuse and record."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from contacts.models import Activity, Contact
from orders.fields import AmountField, QuantityField
from orders.lines import Line, lines_text, lines_total, read_lines
from orders.models import Order, Status
from orders.selectors import order_page
from orders.services import MAX_TOTAL, OrderConflict, OrderFacts, order_add, order_cancel, order_edit, order_refund

from .conftest import MakeOrder

pytestmark = pytest.mark.django_db


def facts(total: str = "1890", **values: object) -> OrderFacts:
    return OrderFacts(**{"total": Decimal(total), "status": Status.PAID, "number": "LIV-10482"} | values)  # type: ignore[arg-type]


def log() -> list[tuple[str, str, str]]:
    return list(Activity.objects.order_by("pk").values_list("verb", "before", "after"))


def test_add_is_a_manual_order_with_a_number_of_its_own(contact: Contact, agent: User) -> None:
    order = order_add(contact=contact, actor=agent, facts=facts(number="", lines=(Line("Toner", 2, Decimal("9.5")),)))
    order.refresh_from_db()
    assert (order.source, len(order.external_id), order.number) == ("manual", 32, f"M-{order.pk}")
    assert order.lines == [{"name": "Toner", "quantity": 2, "price": "9.5"}]
    assert abs(order.placed_at - timezone.now()) < dt.timedelta(minutes=1)
    activity = Activity.objects.get()
    assert (activity.contact, activity.actor) == (contact, agent)


def test_every_write_leaves_before_and_after(contact: Contact, agent: User) -> None:
    with translation.override("th"):  # the record reads the same whoever wrote it
        order = order_add(contact=contact, actor=agent, facts=facts())
        order_edit(order_id=order.pk, revision=0, actor=agent, facts=facts("2000", status="shipped", is_cod=True))
        order_refund(order_id=order.pk, revision=1, actor=agent, amount=Decimal("500"))
        order_cancel(order_id=order.pk, revision=2, actor=agent)
    texts = [
        "LIV-10482 · ฿1,890.00 · Paid",
        "LIV-10482 · ฿2,000.00 · Shipped · COD",
        "LIV-10482 · ฿2,000.00 · Shipped · COD · ฿500.00 refunded",
        "LIV-10482 · ฿2,000.00 · Cancelled · COD · ฿500.00 refunded",
    ]
    verbs = ["order_added", "order_changed", "order_refunded", "order_cancelled"]
    assert log() == list(zip(verbs, ["", *texts], texts, strict=False))


def test_an_edit_names_what_else_changed(contact: Contact, agent: User) -> None:
    order = order_add(contact=contact, actor=agent, facts=facts(note="gift"))
    order_edit(
        order_id=order.pk, revision=0, actor=agent, facts=facts(note="no gift", lines=(Line("Toner", 1, Decimal(5)),))
    )
    assert log()[1][1:] == (
        "LIV-10482 · ฿1,890.00 · Paid · gift",
        "LIV-10482 · ฿1,890.00 · Paid · Toner ×1 @ 5 · no gift",
    )


def test_an_edit_that_changes_nothing_is_nothing(contact: Contact, agent: User) -> None:
    order = order_add(contact=contact, actor=agent, facts=facts())
    assert order_edit(order_id=order.pk, revision=0, actor=agent, facts=facts()).revision == 0
    assert len(log()) == 1


def test_a_stale_revision_is_refused_and_shown_what_is_stored(contact: Contact, agent: User) -> None:
    order = order_add(contact=contact, actor=agent, facts=facts())
    order_edit(order_id=order.pk, revision=0, actor=agent, facts=facts("5"))
    for write in (
        lambda: order_edit(order_id=order.pk, revision=0, actor=agent, facts=facts("6")),
        lambda: order_refund(order_id=order.pk, revision=0, actor=agent, amount=Decimal(1)),
        lambda: order_cancel(order_id=order.pk, revision=0, actor=agent),
    ):
        with pytest.raises(OrderConflict) as caught:
            write()
        assert caught.value.order.total == 5
    assert len(log()) == 2


def test_refunds_up_to_the_whole(make_order: MakeOrder, agent: User) -> None:
    order = make_order("100.00")
    order = order_refund(order_id=order.pk, revision=0, actor=agent, amount=Decimal("99.99"))
    assert (order.status, order.net) == (Status.PAID, Decimal("0.01"))
    for amount in ("0.02", "0", "-1", "0.001"):
        with pytest.raises(ValidationError) as caught:
            order_refund(order_id=order.pk, revision=1, actor=agent, amount=Decimal(amount))
        assert set(caught.value.error_dict) == {"amount"}
    order = order_refund(order_id=order.pk, revision=1, actor=agent, amount=Decimal("0.01"))
    assert (order.status, order.net) == (Status.REFUNDED, 0)
    with pytest.raises(ValidationError):
        order_cancel(order_id=order.pk, revision=2, actor=agent)


def test_an_unpaid_order_has_nothing_to_refund(make_order: MakeOrder, agent: User) -> None:
    order = make_order(status=Status.PENDING)
    with pytest.raises(ValidationError):
        order_refund(order_id=order.pk, revision=0, actor=agent, amount=Decimal(1))


def test_a_refunded_cancelled_order_stays_cancelled(make_order: MakeOrder, agent: User) -> None:
    order = make_order("10", status=Status.CANCELLED)
    order = order_refund(order_id=order.pk, revision=0, actor=agent, amount=Decimal(10))
    assert (order.status, order.refunded) == (Status.CANCELLED, 10)


def test_cancelling_twice_is_cancelling_once(make_order: MakeOrder, agent: User) -> None:
    order = make_order()
    for _ in range(2):
        assert order_cancel(order_id=order.pk, revision=0, actor=agent).status == Status.CANCELLED
    assert [verb for verb, *_ in log()] == ["order_cancelled"]


@pytest.mark.parametrize("total", ["-0.01", "10000000000", "9999999999.995"])
def test_totals_out_of_bounds(contact: Contact, agent: User, total: str) -> None:
    with pytest.raises(ValidationError) as caught:
        order_add(contact=contact, actor=agent, facts=facts(total))
    assert "total" in caught.value.error_dict
    assert not Order.objects.exists()


def test_the_total_never_falls_below_the_refund(make_order: MakeOrder, agent: User) -> None:
    order = make_order("100", refunded=60)
    with pytest.raises(ValidationError):
        order_edit(order_id=order.pk, revision=0, actor=agent, facts=facts("59.99"))


def test_a_value_too_large_for_its_column_is_an_error_of_the_form(contact: Contact, agent: User) -> None:
    Order.objects.bulk_create(
        Order(contact=contact, external_id=f"big{place}", total=MAX_TOTAL, status="paid") for place in range(100)
    )
    with pytest.raises(ValidationError) as caught:
        order_add(contact=contact, actor=agent, facts=facts(str(MAX_TOTAL)))
    assert "total" in caught.value.error_dict


def test_an_order_of_nobody_can_be_edited(make_order: MakeOrder, agent: User) -> None:
    order = make_order(contact=None)
    assert order_edit(order_id=order.pk, revision=0, actor=agent, facts=facts("7")).total == 7
    assert log() == []


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1890", "1890.00"), ("1,890.5", "1890.50"), ("๑,๘๙๐.๕๐", "1890.50"), ("１，８９０．５０", "1890.50"),
        ("฿ 1,890.00 บาท", "1890.00"), (" 12 345 ", "12345.00"), (".5", "0.50"), ("7.", "7.00"), ("0", "0.00"),
        ("1.500", "1.50"), ("9,999,999,999.99", "9999999999.99"), ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_amounts_as_shops_type_them(typed: str, amount: str | None) -> None:
    assert AmountField(required=False).clean(typed) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    "typed", ["-1", "−5", "1.005", "1,89", "1,8900", "12,34.5", "1.2.3", "1e5", "NaN", "Infinity", "abc", ".", "฿",
              "10000000000", "9" * 40, "0x10", "½", "5²", "1_000"],
)  # fmt: skip
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(ValidationError):
        AmountField().clean(typed)


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "100000", "x", "²x"])
def test_what_is_no_quantity(typed: str) -> None:
    with pytest.raises(ValidationError):
        QuantityField().clean(typed)


@pytest.mark.parametrize(
    "stored",
    [None, {}, "text", 7, [1, None, "x"], [{}], [{"name": None, "quantity": "x", "price": "NaN"}],
     [{"name": 5, "quantity": 1e400, "price": [1]}], [{"quantity": None, "price": True}]],
)  # fmt: skip
def test_lines_an_import_may_leave(stored: object) -> None:
    lines_text(stored)
    assert lines_total(read_lines(stored)) is None


def test_lines_in_words_and_in_sum() -> None:
    stored = [{"name": "Glow Serum", "quantity": 2, "price": 945}, {"name": "Sunscreen", "quantity": 1, "price": "0.5"}]
    assert lines_text(stored) == "Glow Serum ×2, Sunscreen"
    assert lines_total(read_lines(stored)) == Decimal("1890.50")


def test_pages_cover_all_orders_once(contact: Contact, make_order: MakeOrder) -> None:
    moment = timezone.now()
    made = [make_order(placed_at=moment - dt.timedelta(days=place // 7)) for place in range(47)]  # many at one moment
    seen: list[int] = []
    key = ""
    for size in (20, 20, 7):
        page = order_page(contact, key)
        assert len(page.rows) == size
        seen += [order.pk for order in page.rows]
        key = page.older
    assert key == ""
    assert seen == [order.pk for order in sorted(made, key=lambda one: (one.placed_at, one.pk), reverse=True)]


@pytest.mark.parametrize("key", ["x", "1", "1.x", ".", "9" * 99 + ".1", "1." + "9" * 99, "\x00", "-1.1"])
def test_a_broken_page_key_is_no_error(contact: Contact, make_order: MakeOrder, key: str) -> None:
    make_order()
    order_page(contact, key)
