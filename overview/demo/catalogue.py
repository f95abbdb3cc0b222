"""Labels and orders of the demo shop."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

LABELS = (
    ("Repeat buyer", "green", "Bought two times or more", 0.22),
    ("11.11 Live", "violet", "Ordered during the 11.11 live", 0.3),
    ("COD", "brown", "Pays cash on delivery", 0.18),
    ("Awaiting transfer", "amber", "Order placed, slip not received", 0.1),
    ("Sensitive skin", "rose", "Recommend fragrance-free items only", 0.09),
    ("LIV Glow set", "plum", "Has the set or asked about it", 0.08),
    ("Size M", "teal", "LightMe size", 0.14),
    ("Wholesale", "blue", "Reseller price list, 20 pieces or more", 0.05),
    ("New lead", "lime", "Asked, not yet bought", 0.16),
    ("Claim", "coral", "Damaged or wrong item, case open", 0.03),
    ("ลูกค้าประจำ", "sky", "ซื้อซ้ำตั้งแต่ 3 ครั้งขึ้นไป", 0.12),
    ("Do not promote", "slate", "Asked not to receive offers", 0.02),
)
GOODS = (
    ("Glow Serum 30 ml", "590.00"),
    ("Sensitive Cleanser", "390.00"),
    ("Toner 150 ml", "450.00"),
    ("Sunscreen SPF50+", "690.00"),
    ("Glow Set", "1290.00"),
    ("Linen shirt, M", "790.00"),
    ("Wide-leg trousers, M", "1190.00"),
    ("ครีมทามือ", "190.00"),
)
STATUSES = (("completed", 50), ("paid", 16), ("shipped", 12), ("pending", 10), ("cancelled", 8), ("refunded", 4))


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """An order of a customer; amounts in THB."""

    external_id: str
    number: str
    status: str
    is_cod: bool
    total: Decimal
    refunded: Decimal
    placed_at: dt.datetime
    lines: list[dict[str, str | int]]


def labels_of(number: int) -> list[str]:
    """Names of the labels that customer `number` has."""
    random_source = random.Random(f"saifa-demo-labels-{number}")
    return [name for name, _, _, share in LABELS if random_source.random() < share]


def is_vip(number: int) -> bool:
    return random.Random(f"saifa-demo-vip-{number}").random() < 0.11


def orders_of(number: int, latest: dt.datetime) -> list[DemoOrder]:
    """Orders of customer `number`, the newest shortly before their latest contact."""
    random_source = random.Random(f"saifa-demo-orders-{number}")
    if random_source.random() < 0.38:
        return []
    orders = []
    for index in range(min(12, 1 + int(random_source.expovariate(0.6)))):
        goods = random_source.sample(GOODS, random_source.randint(1, 3))
        lines = [
            {"name": name, "quantity": random_source.choice((1, 1, 1, 2, 3)), "price": price} for name, price in goods
        ]
        total = sum((Decimal(str(line["price"])) * int(str(line["quantity"])) for line in lines), Decimal(0))
        status = random_source.choices([key for key, _ in STATUSES], [weight for _, weight in STATUSES])[0]
        placed = latest - dt.timedelta(
            days=30 * index + random_source.randint(0, 25), hours=random_source.randint(0, 9)
        )
        orders.append(
            DemoOrder(
                external_id=f"demo-{number}-{index}",
                number=f"LIV-{10000 + number * 12 + index}",
                status=status,
                is_cod=random_source.random() < 0.25,
                total=total,
                refunded=total if status == "refunded" else Decimal(0),
                placed_at=placed,
                lines=lines,
            )
        )
    return orders
