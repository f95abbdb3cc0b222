"""Orders of the benchmark shop as COPY lines, and what they add to a contact's value."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Final

from .calendar import Calendar
from .catalogue import SOURCE
from .copy_text import escaped, moment

COLUMNS: Final = (
    "contact_id", "source", "external_id", "number", "status", "is_cod", "total", "refunded", "placed_at", "lines",
    "created_at",
)  # fmt: skip
GOODS = (
    ("Glow Serum 30 ml", 590), ("Sensitive Cleanser", 390), ("Toner 150 ml", 450), ("Sunscreen SPF50+", 690),
    ("Glow Set", 1290), ("Linen shirt, M", 790), ("Wide-leg trousers, M", 1190), ("ครีมทามือ", 190), ("ชุดของขวัญ", 2490),
    ("Perfume 50 ml", 3290),
)  # fmt: skip
STATUSES = (
    ("completed",) * 56 + ("paid",) * 14 + ("shipped",) * 12 + ("pending",) * 7 + ("cancelled",) * 7 + ("refunded",) * 4
)
_GOODS = [(json.dumps(name, ensure_ascii=False), price) for name, price in GOODS]


@dataclass(slots=True)
class Bought:
    """Counted orders of a contact (Order.is_counted); `satang` is a hundredth of a baht."""

    satang: int = 0
    count: int = 0
    moments: list[int] = field(default_factory=list)


def make_orders(
    source: random.Random, calendar: Calendar, out: list[str], *, contact_id: int, count: int, first_day: int,
    last_day: int,
) -> Bought:  # fmt: skip
    """Append a contact's orders to `out`."""
    bought = Bought()
    for place in range(count):
        name, price = _GOODS[int(len(_GOODS) * source.random() ** 1.4)]
        quantity = 1 + int(4 * source.random() ** 3)
        total = price * quantity * 100
        if source.random() < 0.1:
            total -= total // 20 + int(100 * source.random())  # a discount, satang included
        status = STATUSES[int(len(STATUSES) * source.random())]
        is_cod = source.random() < 0.2
        refunded = total if status == "refunded" else total // 4 if source.random() < 0.02 else 0
        if status == "completed" or (status in ("paid", "shipped") and not is_cod):
            bought.satang += total - refunded
            bought.count += 1
        at = moment(calendar.moment(source, calendar.day_between(source, first_day, last_day)))
        lines = escaped(f'[{{"name": {name}, "quantity": {quantity}, "price": "{price}.00"}}]')
        key = f"{contact_id}-{place + 1}"
        out.append(
            f"{contact_id}\t{SOURCE}\t{key}\tSF-{key}\t{status}\t{'t' if is_cod else 'f'}\t{baht(total)}"
            f"\t{baht(refunded)}\t{at}\t{lines}\t{at}\n"
        )
    return bought


def baht(satang: int) -> str:
    return f"{satang // 100}.{satang % 100:02}"
