"""A thread in every web process that says it is alive, and hands on which posts had to be refused.

The web processes tell each other through Redis since when one of them or another has answered without a break, so
that one that restarts while the database is away knows that the others went on. Redis may be wiped: each also knows
its own time.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading

import redis
from django.db import Error, connection
from django.utils import timezone

from saifa_crm.lib.errors import trace
from saifa_crm.lib.redis_client import client, key

from .gaps import SILENCE, posts_refused, web_alive

logger = logging.getLogger(__name__)
INTERVAL = 20.0  # seconds
STRETCH = "web:stretch"  # hash: since and last, seconds since 1970
REFUSED = "web:refused"  # set of "<minute>|<platform>|<channel id>", for a process that dies before it hands them on
KEEP_REFUSED = 7 * 24 * 3600  # seconds
MINUTE = 60


class Heartbeat:
    """One a process; `start` is called once the process can take posts."""

    def __init__(self) -> None:
        self._since = self._last = timezone.now()
        self._refused: set[str] = set()
        self._lock = threading.Lock()
        self._pause = threading.Event()  # never set: a wait that a test may cut short

    def start(self) -> None:
        """Beat in the background; the thread dies with the process."""
        self._since = self._last = timezone.now()
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def refused(self, platform: str = "", channel_id: int | None = None) -> None:
        """A post was just answered 503: of this channel where its key is known, else of the platform's channels.

        Kept here and in Redis, because the database is what is away; once a minute, so that a burst costs nothing.
        """
        minute = int(timezone.now().timestamp()) // MINUTE * MINUTE
        told = f"{minute}|{platform}|{channel_id or ''}"
        with self._lock:
            if told in self._refused:
                return
            self._refused.add(told)
        try:
            pipe = client().pipeline()
            pipe.sadd(key(REFUSED), told)
            pipe.expire(key(REFUSED), KEEP_REFUSED)
            pipe.execute()
        except redis.RedisError:
            logger.warning("a refused post is known to this process only: Redis is not reachable")

    def beat(self) -> None:
        """Write once; with the database away, what was refused is kept for the next time."""
        now = timezone.now()
        if now - self._last > SILENCE:
            self._since = now  # the machine slept: nobody answered
        self._since = _stretch(self._since, now)
        try:
            web_alive(since=self._since, now=now)
            self._hand_on()
        except Error:
            logger.warning("heartbeat not written: the database is not reachable")
        finally:
            self._last = timezone.now()

    def _hand_on(self) -> None:
        """Make gaps of what was refused; doing it twice, here and in another process, changes nothing."""
        with self._lock:
            told = set(self._refused)
        try:
            told |= {str(one) for one in client().smembers(key(REFUSED))}
        except redis.RedisError:
            pass
        if not told:
            return
        posts_refused(told)
        with self._lock:
            self._refused -= told
        try:
            client().srem(key(REFUSED), *told)
        except redis.RedisError:
            pass

    def _run(self) -> None:
        while True:
            try:
                self.beat()
            except Exception as error:  # a beat that fails must not be the last
                logger.error("heartbeat failed: %s", trace(error))
            finally:
                connection.close()  # not held for a beat three times a minute
            self._pause.wait(INTERVAL)


def _stretch(since: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Since when a web process has answered without a break, as far as this one and Redis know."""
    try:
        since_shared, last = client().hmget(key(STRETCH), ["since", "last"])
        if since_shared and last and now.timestamp() - float(last) <= SILENCE.total_seconds():
            since = min(since, dt.datetime.fromtimestamp(float(since_shared), dt.UTC))
        client().hset(key(STRETCH), mapping={"since": since.timestamp(), "last": now.timestamp()})
    except redis.RedisError:
        pass
    return since


heartbeat = Heartbeat()
