"""How fast a channel's people are asked for, and when a channel as a whole waits; kept in Redis, lost with it.

A wipe costs a few calls that the platform refuses once more. With Redis away each process goes on by itself, slowly.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass

import redis

from saifa_crm.lib.redis_client import client, key

logger = logging.getLogger(__name__)

LONGEST_TURN = 3.0  # seconds a worker waits for its turn; beyond, the sweep comes back to the work
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 600.0  # seconds, where the platform names no time
OUTAGE = 5  # calls that failed in a row: the platform, not the person
STREAK_KEPT = 24 * 3600
ALONE = 1.0  # seconds between the calls of a process without Redis

# A leaky bucket (GCRA) on the server's clock; a paused channel gets no turn. Answers seconds, -1 for "not now".
TURN = """
if redis.call('EXISTS', KEYS[2]) == 1 then return '-1' end
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
local interval, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + interval
local wait = math.max(0, full - burst * interval - now)
if wait > longest then return '-1' end
redis.call('SET', KEYS[1], string.format('%.6f', full), 'PX', math.ceil((full - now + 1) * 1000))
return string.format('%.6f', wait)
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """Calls a second, and how many at once after a quiet time."""

    rate: float
    burst: int


# Far below what the platforms allow (PROTOCOLS 1.8, 3.6): replies use the same budget.
PACES = {"line": Pace(100, 500), "facebook": Pace(20, 100), "instagram": Pace(20, 100)}
OTHERS = Pace(20, 50)


class Alone:
    """What one process knows while Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[int, float] = {}  # channel id → monotonic time of its next turn

    def turn(self, channel_id: int) -> float | None:
        with self._lock:
            now = time.monotonic()
            at = max(self._next.get(channel_id, 0.0), now)
            if at - now > LONGEST_TURN:
                return None
            self._next[channel_id] = at + ALONE
            return at - now

    def pause(self, channel_id: int, seconds: float) -> None:
        with self._lock:
            self._next[channel_id] = time.monotonic() + seconds

    def resume(self, channel_id: int) -> None:
        with self._lock:
            self._next.pop(channel_id, None)


_alone = Alone()


def _full(channel_id: int) -> str:
    return key(f"profiles:full:{channel_id}")


def _pause(channel_id: int) -> str:
    return key(f"profiles:pause:{channel_id}")


def _streak(channel_id: int) -> str:
    return key(f"profiles:streak:{channel_id}")


def turn(channel_id: int, pace: Pace) -> float | None:
    """Take the channel's next turn: seconds until it comes, None where the work is better left for later."""
    try:
        answer = client().eval(
            TURN, 2, _full(channel_id), _pause(channel_id), str(1 / pace.rate), str(pace.burst), str(LONGEST_TURN)
        )
    except redis.RedisError:
        return _alone.turn(channel_id)
    wait = float(str(answer))
    return None if wait < 0 else wait


def paused(channel_ids: Collection[int]) -> set[int]:
    """Those of the channels that wait; nobody does while Redis is away."""
    if not channel_ids:
        return set()
    try:
        found = client().mget([_pause(channel_id) for channel_id in channel_ids])
    except redis.RedisError:
        return set()
    return {channel_id for channel_id, value in zip(channel_ids, found, strict=True) if value is not None}


def limited(channel_id: int, after: float | None) -> None:
    """The platform told the channel to wait, `after` seconds or longer each time."""
    failures = _count(channel_id)
    _rest(channel_id, after or FIRST_PAUSE * 2 ** min(failures - 1, 10))


def failed(channel_id: int) -> None:
    """A call had no proper answer; several in a row are an outage, which the whole channel sits out."""
    failures = _count(channel_id)
    if failures >= OUTAGE:
        _rest(channel_id, FIRST_PAUSE * 2 ** min(failures - OUTAGE, 10))


def worked(channel_id: int) -> bool:
    """The platform answered. Whether that ends an outage."""
    try:
        pipe = client().pipeline()
        pipe.get(_streak(channel_id))
        pipe.delete(_streak(channel_id))
        return int(pipe.execute()[0] or 0) >= OUTAGE
    except redis.RedisError:
        return False


def resume(channel_id: int) -> None:
    """Forget what was held against the channel: it has a token that works."""
    _alone.resume(channel_id)
    try:
        client().delete(_pause(channel_id), _streak(channel_id))
    except redis.RedisError:
        logger.warning("pause of channel %s not lifted: Redis is not reachable", channel_id)


def _count(channel_id: int) -> int:
    try:
        pipe = client().pipeline()
        pipe.incr(_streak(channel_id))
        pipe.expire(_streak(channel_id), STREAK_KEPT)
        return int(pipe.execute()[0])
    except redis.RedisError:
        return 1


def _rest(channel_id: int, seconds: float) -> None:
    seconds = max(seconds, 1.0)
    if seconds > LONGEST_PAUSE:
        logger.info("profiles of channel %s wait %d s", channel_id, seconds)
    try:
        client().set(_pause(channel_id), "1", ex=int(seconds))
    except redis.RedisError:
        _alone.pause(channel_id, seconds)
