"""Small values that many pages show, kept in Redis for a minute: several are found in one round trip."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import redis
from django.core.cache import cache

T = TypeVar("T")
logger = logging.getLogger(__name__)
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A value under a `name`, made by `make` where it is not kept, and as right without Redis.

    A value of another form wants another name: while a version is taken up, processes of both read it.
    `follows`: the cache's key of a mark; the value is good only for the mark at which it was made.
    """

    name: str
    make: Callable[[], T]
    follows: str = ""

    def __call__(self) -> T:
        return Look(self)[self]

    def forget(self) -> None:
        """What it is made of has changed; call it after commit."""
        try:
            cache.delete(self.name)
        except redis.RedisError:
            logger.warning("%s not forgotten: Redis is not reachable", self.name)


class Look:
    """Several kept values, looked up together when the first of them is wanted; what is missing is made when wanted."""

    def __init__(self, *values: Kept[Any]) -> None:
        self.values = values

    def __getitem__(self, value: Kept[T]) -> T:
        found = self._found
        if found is None:
            return value.make()
        mark = found.get(value.follows)
        if value.name not in found or found[value.name][0] != mark:
            found[value.name] = (mark, self._made(value, mark))
        kept: T = found[value.name][1]
        return kept

    @cached_property
    def _found(self) -> dict[str, Any] | None:
        """Values with their marks, and marks; None where Redis is away."""
        names = [name for value in self.values for name in (value.name, value.follows) if name]
        try:
            return cache.get_many(names)
        except redis.RedisError:
            return None

    def _made(self, value: Kept[T], mark: int | None) -> T:
        made = value.make()  # later than its mark: what changes meanwhile sets another
        try:
            cache.set(value.name, (mark, made), SECONDS)
        except redis.RedisError:
            logger.warning("%s not kept: Redis is not reachable", value.name)
        return made
