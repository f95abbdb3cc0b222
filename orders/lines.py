"""The `lines` of an order: read whatever an import left there, add them up, say them in one line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from saifa_crm.lib.money import satang

MAX_LINES = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One item; `price` is THB apiece, None where nobody knows it."""

    name: str
    quantity: int = 1
    price: Decimal | None = None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "quantity": self.quantity, "price": None if self.price is None else str(self.price)}


def _price(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        price = Decimal(str(value))
        return satang(price) if price.is_finite() else None
    except InvalidOperation:
        return None


def _quantity(value: Any) -> int:
    try:
        return max(1, int(value))
    except (TypeError, ValueError, OverflowError):
        return 1


def read_lines(stored: Any) -> list[Line]:
    """The lines that can be read; the column is JSON, so an import may have left anything in it."""
    rows = stored if isinstance(stored, list) else []
    return [
        Line(str(row.get("name") or "").strip(), _quantity(row.get("quantity")), _price(row.get("price")))
        for row in rows
        if isinstance(row, dict)
    ]


def lines_total(lines: list[Line]) -> Decimal | None:
    """The sum in THB; None without lines or where a price is not known."""
    amounts = [line.price * line.quantity for line in lines if line.price is not None]
    return sum(amounts, Decimal(0)) if lines and len(amounts) == len(lines) else None


def lines_text(stored: Any) -> str:
    """ "Glow Serum 30 ml ×2, Sunscreen"."""
    named = [line for line in read_lines(stored) if line.name]
    return ", ".join(f"{line.name} ×{line.quantity}" if line.quantity > 1 else line.name for line in named)
