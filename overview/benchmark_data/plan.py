"""How much of everything a shop of N contacts has, and which part of it a batch makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

BATCH = 10_000  # contacts


@dataclass(frozen=True, slots=True)
class PlannedChannel:
    """A channel as the database knows it."""

    pk: int
    platform: str
    scope: str
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole shop. Every batch is a function of the plan and its number alone: any process can make it."""

    contacts: int
    until: dt.date
    channels: Sequence[PlannedChannel]
    label_ids: Sequence[int]
    agent_ids: Sequence[int]

    @property
    def batches(self) -> int:
        return -(-self.contacts // BATCH)


@dataclass(frozen=True, slots=True)
class Part:
    """One batch: contacts `first` to `last` (ids, both included), and how many of the rest belong to them."""

    first: int
    last: int
    first_identity: int
    identities: int
    messages: int
    orders: int

    @property
    def contacts(self) -> int:
        return self.last - self.first + 1

    @classmethod
    def of(cls, plan: Plan, number: int) -> Part:
        start, end = number * BATCH, min((number + 1) * BATCH, plan.contacts)
        before = _identities(start)
        return cls(
            first=start + 1,
            last=end,
            first_identity=before + 1,
            identities=_identities(end) - before,
            messages=10 * (end - start),
            orders=end * 6 // 10 - start * 6 // 10,
        )


def _identities(contacts: int) -> int:
    return contacts * 12 // 10


def shared_out(total: int, weights: Sequence[float], least: int = 1) -> list[int]:
    """`total` in whole numbers by weight, at least `least` each while that is possible."""
    spare = total - least * len(weights)
    if spare < 0:
        return [1] * total + [0] * (len(weights) - total)
    shares, upto, given = [], 0.0, 0
    every = sum(weights)
    for weight in weights:
        upto += weight
        reached = round(spare * upto / every)
        shares.append(least + reached - given)
        given = reached
    return shares
