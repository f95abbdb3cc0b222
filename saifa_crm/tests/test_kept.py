"""Values that many pages show: one look into Redis for all of them, and right without it."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.core.cache import cache

from saifa_crm.lib.kept import Kept, Look

MARK = "kept:test-mark"


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.delete_many([MARK, "kept:test-one", "kept:test-two"])


def counting(name: str, **more: str) -> tuple[Kept[int], list[int]]:
    """A value that says how often it was made."""
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    return Kept(f"kept:test-{name}", make, **more), made


def test_made_once_until_forgotten() -> None:
    value, made = counting("one")
    assert [value(), value(), len(made)] == [1, 1, 1]
    value.forget()
    assert [value(), value(), len(made)] == [2, 2, 2]


def test_good_for_its_mark_alone() -> None:
    value, _made = counting("one", follows=MARK)
    assert [value(), value()] == [1, 1]  # no mark yet is a mark too
    cache.set(MARK, 7)
    assert [value(), value()] == [2, 2]
    cache.set(MARK, 8)
    assert [value(), value()] == [3, 3]


def test_a_change_while_it_is_made_is_seen() -> None:
    def make() -> int:
        cache.set(MARK, int(cache.get(MARK, 0)) + 1)  # somebody is quicker
        return int(cache.get(MARK))

    value = Kept("kept:test-one", make, follows=MARK)
    assert [value(), value()] == [1, 2]


def test_one_look_for_all_and_only_what_is_wanted_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    one, made_one = counting("one")
    two, made_two = counting("two", follows=MARK)
    two()
    asked: list[list[str]] = []
    get_many = cache.get_many

    def spied(keys: list[str]) -> Any:
        asked.append(keys)
        return get_many(keys)

    monkeypatch.setattr(cache, "get_many", spied)
    look = Look(one, two)
    assert asked == []
    assert [look[two], look[two]] == [1, 1]
    assert (made_one, asked) == ([], [["kept:test-one", "kept:test-two", MARK]])
    assert [look[one], look[one]] == [1, 1]
    assert len(asked) == len(made_one) == len(made_two) == 1


@pytest.mark.parametrize("away", ["get_many", "set"])
def test_right_without_redis(monkeypatch: pytest.MonkeyPatch, away: str) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(cache, away, refused)
    value, made = counting("one")
    assert [value(), value(), len(made)] == [1, 2, 2]


def test_forgetting_without_redis_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(cache, "delete", refused)
    counting("one")[0].forget()
